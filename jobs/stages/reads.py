"""Which partitions a stage reads: a table, and the dates as a function of the night."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from jobs.core.night import Night
from jobs.features.rest import MergeDays

Dates = Callable[[Night], list[date]]


@dataclass(frozen=True)
class Read:
    """Partitions that a stage reads; all of them have to be there, unless they are optional.

    Attributes
    ----------
    table
        Name of the table.
    dates
        Run dates to read; none before the app's first day.
    optional
        Whether the stage does without one that is not there; for what only checks compare with.
    """

    table: str
    dates: Dates
    optional: bool = False


def today(table: str) -> Read:
    """The night's own run dates."""
    return Read(table, lambda night: night.dates)


def run_date(table: str) -> Read:
    """The night's last run date alone, for stages that a back-fill runs once."""
    return Read(table, lambda night: [night.run_date])


def yesterday(table: str, optional: bool = False) -> Read:
    """The day before the night's first run date; nothing where that is before the app's first day."""
    return Read(table, lambda night: _since_first_day(night, [night.first - timedelta(1)]), optional)


def windows(table: str, lengths: tuple[int, ...]) -> Read:
    """The night's run dates, and the days that leave a window of some length (days) within them."""

    def dates(night: Night) -> list[date]:
        leaving = {day - timedelta(length) for day in night.dates for length in lengths}
        return _since_first_day(night, sorted({*night.dates, *leaving}))

    return Read(table, dates)


def at_rest(table: str) -> Read:
    """The days of a rest table in which a key that rests before the night is found; see features/rest.py."""

    def dates(night: Night) -> list[date]:
        return _since_first_day(night, MergeDays.of(night.settings).to_look_up(night.first))

    return Read(table, dates)


def resting(table: str) -> Read:
    """The days of a rest table in which a key that rests at the end of the run date is found."""

    def dates(night: Night) -> list[date]:
        days = MergeDays.of(night.settings).to_look_up(night.run_date + timedelta(1))
        return [] if night.is_closed else _since_first_day(night, days)

    return Read(table, dates, optional=True)


def on(table: str, dates: Dates) -> Read:
    """Dates by a rule of their own."""
    return Read(table, lambda night: _since_first_day(night, dates(night)))


def _since_first_day(night: Night, dates: list[date]) -> list[date]:
    return [day for day in dates if day >= night.settings.schedule.first_day]
