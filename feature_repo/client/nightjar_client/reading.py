"""What the client asks of a store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from nightjar_client.views import OnlineView

Stored = Mapping[str, bytes]
Rows = dict[str, Stored]
Ask = tuple[str, Sequence[OnlineView]]


class Reader(Protocol):
    """Reads serialized rows; raises `StoreUnreachableError` where the store does not answer."""

    def moment(self) -> AbstractContextManager[None]:
        """All reads inside see one state of the store, where it can promise that."""
        ...

    def read(self, asks: Sequence[Ask]) -> list[Rows]:
        """Rows of several entities, each of one generation; a view without a row is absent.

        Parameters
        ----------
        asks
            Value of the entity's key, and the views of that entity to read, at least one.

        Returns
        -------
        For every ask: view name -> feature name -> serialized value.
        """
        ...

    def close(self) -> None:
        """Give back what is open."""
        ...


@contextmanager
def no_moment() -> Iterator[None]:
    """For stores whose single commands are the largest unit."""
    yield
