"""A night: one app, one run date, or in a back-fill the range of dates that are built in one go."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from jobs.core.config.model import Settings
from jobs.core.errors import UsageError


@dataclass(frozen=True)
class Night:
    """What to build.

    Attributes
    ----------
    settings
        Configuration of the app.
    first, last
        Run dates, both included; equal in a night.
    """

    settings: Settings
    first: date
    last: date

    def __post_init__(self) -> None:
        start = self.settings.schedule.first_day
        if self.first < start:
            raise UsageError(
                f"date {self.first} is before the first data of app {self.settings.app!r} "
                f"(schedule.first_day: {start}); give a date from {start} on"
            )
        if self.last < self.first:
            raise UsageError(f"the range {self.first} to {self.last} is empty; give --from before --to")

    @property
    def run_date(self) -> date:
        """The date whose models and lists are made: the last one."""
        return self.last

    @property
    def dates(self) -> list[date]:
        """All run dates, ascending."""
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]

    @property
    def open_dates(self) -> list[date]:
        """Run dates that the app's calendar calls open, ascending."""
        return [day for day in self.dates if not self.settings.calendar.is_closed(day)]

    @property
    def is_closed(self) -> bool:
        """Whether the run date is a closed day."""
        return self.settings.calendar.is_closed(self.run_date)

    def end_of(self, day: date) -> datetime:
        """Midnight that ends `day` in the app's time zone, in UTC."""
        return datetime.combine(day + timedelta(1), time(), self.settings.zone).astimezone(UTC)
