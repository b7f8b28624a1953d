"""The `calendar` section: which days have no night of their own."""

from datetime import date, timedelta
from itertools import groupby
from typing import Literal

from jobs.core.config.section import Section

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Around the days that are named, so that whole weeks of closed weekdays alone are seen too.
_MARGIN = timedelta(weeks=2)


class CalendarSettings(Section):
    """Which days have no night of their own."""

    closed_weekdays: tuple[Weekday, ...]
    closed_days: tuple[date, ...]
    open_days: tuple[date, ...]

    def is_closed(self, day: date) -> bool:
        """Whether `day` is closed; `open_days` wins over both other lists."""
        if day in self.open_days:
            return False
        return day in self.closed_days or WEEKDAYS[day.weekday()] in self.closed_weekdays

    def longest_closed_run(self) -> int:
        """Days of the longest unbroken run of closed days."""
        # Where no day is named any two weeks show the weekdays; these begin on a Monday.
        named = (*self.closed_days, *self.open_days) or (date(2024, 1, 1),)
        first, last = min(named) - _MARGIN, max(named) + _MARGIN
        days = (first + timedelta(offset) for offset in range((last - first).days + 1))
        runs = (sum(1 for _ in run) for closed, run in groupby(days, key=self.is_closed) if closed)
        return max(runs, default=0)
