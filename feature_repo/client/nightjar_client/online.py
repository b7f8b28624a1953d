"""The open store of one app: what every question to it needs."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from nightjar_client.answers import Stamps
from nightjar_client.ladder import EVERYBODY
from nightjar_client.present import Present
from nightjar_client.reading import Reader, Rows
from nightjar_client.views import Catalogue, OnlineView


def utc_now() -> datetime:
    """The clock's time."""
    return datetime.now(UTC)


class Online:
    """Reads rows as they are now.

    Parameters
    ----------
    reader
        Of the store.
    catalogue
        What is in it.
    stale_hours
        Age from which an answer says `is_stale`.
    clock
        Now, with a time zone; another one looks at an old log.
    """

    def __init__(
        self,
        reader: Reader,
        catalogue: Catalogue,
        stale_hours: float = 36.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._reader = reader
        self._catalogue = catalogue
        self._stale = timedelta(hours=stale_hours)
        self._clock = clock
        self._main = tuple(view for name, view in catalogue.views.items() if name == f"{EVERYBODY}_for_you")

    def close(self) -> None:
        """Give back the connection."""
        self._reader.close()

    def served(self) -> Stamps:
        """The generation that everybody's list is of.

        Raises
        ------
        StoreUnreachableError
            If the store does not answer.
        """
        rows = self._rows([EVERYBODY], self._main)[0]
        return self._present().stamps(next(iter(rows.values()), None)) or Stamps()

    def _rows(self, keys: Sequence[str], views: Sequence[OnlineView]) -> list[Rows]:
        if not views:
            return [{} for _ in keys]
        with self._reader.moment():
            return self._reader.read([(key, views) for key in keys])

    def _present(self) -> Present:
        return Present(self._clock(), self._stale)
