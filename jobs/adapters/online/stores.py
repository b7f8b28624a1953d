"""The two stores behind one protocol, and the choice between them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from jobs.adapters.online.contract import Served, Unfinished
from jobs.adapters.online.counts import Counts, Told, tell_nobody
from jobs.adapters.online.generation import StatusMark
from jobs.core.config.model import Settings
from jobs.core.home import Home

if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedView

Row = tuple[bytes, str, bytes]
Slices = Iterable[Sequence["EncodedView"]]


class OnlineStore(Protocol):
    """Rows in Feast's layout, and what is served, in one place.

    Writers hold `publish_lock`; readers need nothing.
    """

    def served(self) -> Served | None:
        """What is online, None where nothing is; light, without Feast.

        Raises
        ------
        OnlineStoreError
            If the store cannot be reached.
        """
        ...

    def unfinished(self) -> Unfinished | None:
        """What a publish that died may have left rows of; None where nothing is half."""
        ...

    def replace(self, served: Served, slices: Slices, told: Told = tell_nobody) -> Counts:
        """Put a whole generation in the place of what is there; keys it does not hold are removed.

        Parameters
        ----------
        served
            What is served afterwards.
        slices
            The generation's rows in pieces: all views' rows of some keys; no key is in two slices.
        told
            Hears of progress.
        """
        ...

    def withdraw(self, statuses: Mapping[str, str], delisted: Collection[str], mark: StatusMark) -> int:
        """Let users and items leave what is served, under the next publish number if that changes it.

        One that dies leaves all as it was, or says so in what is served (`Served.is_half_withdrawn`); the next one
        then takes a number whatever it finds to change.

        Parameters
        ----------
        statuses
            All of `user_status`: the status by user.
        delisted
            Items that nobody may be shown any more; a list of which nothing is left loses its row.
        mark
            Which partitions these are.

        Returns
        -------
        int
            Values and rows that changed or left; 0 leaves the number as it is, unless one before did not end.
        """
        ...

    def expire(self, now: datetime) -> int:
        """Remove all rows if their generation has expired by then; returns how many rows those were.

        What is served is still told, so that numbers go on and a reader sees how old it is.
        """
        ...

    def count(self, view: str) -> int:
        """Keys that have a row of a view."""
        ...

    def rows(self, view: str) -> Iterator[Row]:
        """Serialized entity key, feature and serialized value of a view, ordered by key and feature."""
        ...


def open_store(settings: Settings, home: Home) -> OnlineStore:
    """The store that `online.store` names; nothing is created before the first write."""
    if settings.online.store == "redis":
        from jobs.adapters.online.redis_store import RedisStore

        return RedisStore(settings.online.redis, settings.app)
    from jobs.adapters.online.sqlite_store import SqliteStore

    return SqliteStore(home.online / "online.db", settings.app)
