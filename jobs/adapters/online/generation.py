"""A generation: what one night publishes, and how it is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jobs.core.fingerprint import hash_of
from jobs.core.night import Night


@dataclass(frozen=True)
class StatusMark:
    """Which partitions of `user_status` and `item_profiles` were applied: their run date, and a digest of both."""

    run_date: date
    digest: str


@dataclass(frozen=True)
class Generation:
    """One night's rows as one thing.

    Attributes
    ----------
    run_date
        The night.
    content_digest
        Hash over the digests of all views.
    event_time
        Midnight that ends the run date in the app's time zone, UTC.
    expires_at
        Moment from which no row of it may be served, UTC.
    status
        The `user_status` and `item_profiles` that its rows respect; of the run date, or later in a replay.
    """

    run_date: date
    content_digest: str
    event_time: datetime
    expires_at: datetime
    status: StatusMark

    @property
    def name(self) -> str:
        """``<run date>-<first 8 of the content digest>``."""
        return f"{self.run_date}-{self.content_digest[:8]}"

    @classmethod
    def of_night(cls, night: Night, digests: Mapping[str, str], status: StatusMark) -> "Generation":
        """The generation of a night whose views have these digests by name."""
        end = night.end_of(night.run_date)
        # Whole local days, so that a change of the clocks moves no expiry off midnight.
        expires_at = night.end_of(night.run_date + timedelta(night.settings.online.ttl_days))
        return cls(night.run_date, hash_of(dict(digests)), end, expires_at, status)
