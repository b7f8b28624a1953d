"""Which partitions a stage reads: a table, and the dates as a function of the night."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from jobs.core.night import Night

Dates = Callable[[Night], list[date]]


@dataclass(frozen=True)
class Read:
    """Partitions that a stage reads; all of them have to be there.

    Attributes
    ----------
    table
        Name of the table.
    dates
        Run dates to read; none before the app's first day.
    """

    table: str
    dates: Dates


def today(table: str) -> Read:
    """The night's own run dates."""
    return Read(table, lambda night: night.dates)


def run_date(table: str) -> Read:
    """The night's last run date alone, for stages that a back-fill runs once."""
    return Read(table, lambda night: [night.run_date])


def yesterday(table: str) -> Read:
    """The day before the night's first run date; nothing where that is before the app's first day."""
    return Read(table, lambda night: _since_first_day(night, [night.first - timedelta(1)]))


def windows(table: str, lengths: tuple[int, ...]) -> Read:
    """The night's run dates, and the days that leave a window of some length (days) within them."""

    def dates(night: Night) -> list[date]:
        leaving = {day - timedelta(length) for day in night.dates for length in lengths}
        return _since_first_day(night, sorted({*night.dates, *leaving}))

    return Read(table, dates)


def on(table: str, dates: Dates) -> Read:
    """Dates by a rule of their own."""
    return Read(table, lambda night: _since_first_day(night, dates(night)))


def _since_first_day(night: Night, dates: list[date]) -> list[date]:
    return [day for day in dates if day >= night.settings.schedule.first_day]
