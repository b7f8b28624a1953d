"""Guesses an app's closed days from the days that have a file."""

from collections.abc import Collection
from datetime import date, timedelta

from jobs.core.config.calendar import WEEKDAYS

# A weekday that never had a file in so many weeks is closed; in fewer it may be chance.
_WEEKS = 3


def guess_calendar(days: Collection[date]) -> tuple[list[str], list[date]]:
    """Closed weekdays, and the other days without a file, between the first and the last day.

    Parameters
    ----------
    days
        Days with a file; of none, nothing is closed.
    """
    if not days:
        return [], []
    first, last = min(days), max(days)
    missing = [day for n in range((last - first).days) if (day := first + timedelta(n)) not in days]
    open_weekdays = {day.weekday() for day in days}
    count = {n: sum(day.weekday() == n for day in missing) for n in range(7)}
    closed = [n for n in range(7) if n not in open_weekdays and count[n] >= _WEEKS]
    return [WEEKDAYS[n] for n in closed], [day for day in missing if day.weekday() not in closed]
