"""Many keys, some at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice


def pieces(keys: Iterable[bytes], size: int) -> Iterator[list[bytes]]:
    """The keys in their order, `size` at a time, as they come."""
    rest = iter(keys)
    while piece := list(islice(rest, size)):
        yield piece
