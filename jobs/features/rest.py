"""Rest: keys to which nothing has arrived for long leave the state, and wait in a table of their own.

A key rests from the day that lies `days` days after its last arrival; no window is longer, so all of its windows
are empty then and nothing of it changes until it returns. Its partition of a rest table holds the keys whose rest
begins on that day, and on a merge day all that rest: to find a key one looks back to the last merge day, no further.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from jobs.core.config.model import Settings


@dataclass(frozen=True)
class MergeDays:
    """The days on which a rest table is written whole.

    Attributes
    ----------
    since
        The first of them.
    every
        Days between two.
    """

    since: date
    every: int

    @classmethod
    def of(cls, settings: Settings) -> "MergeDays":
        """Those of an app."""
        return cls(settings.schedule.first_day, settings.retention.rest_merge_days)

    def last(self, day: date) -> date:
        """The newest merge day up to `day`; before the first one, `since` itself."""
        passed = max((day - self.since).days, 0)
        return self.since + timedelta(passed - passed % self.every)

    def within(self, first: date, last: date) -> bool:
        """Whether one of the days from `first` to `last`, both included, is a merge day."""
        return self.since <= self.last(last) >= first

    def is_merge(self, day: str) -> str:
        """SQL for whether a day is one; for days from `since` on."""
        return f"datediff({day}, DATE'{self.since}') % {self.every} = 0"

    def to_look_up(self, first: date) -> list[date]:
        """Partitions in which a key that rests at the end of the day before `first` is found."""
        start = self.last(first - timedelta(1))
        return [start + timedelta(number) for number in range((first - start).days)]


@dataclass(frozen=True)
class RestRule:
    """When a key of one state rests.

    Attributes
    ----------
    days
        Since its last arrival.
    merges
        When the rest table is written whole.
    """

    days: int
    merges: MergeDays

    @classmethod
    def of(cls, settings: Iterable[int | None], windows: Iterable[int], merges: MergeDays) -> "RestRule":
        """The longest of some settings and windows, all in days; a setting that is off does not count."""
        return cls(max([*(days for days in settings if days), *windows]), merges)
