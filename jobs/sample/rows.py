"""The clean events of a day as columns, before they become lines of the log."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from jobs.sample.arrays import ABSENT, Bools, Ints
from jobs.sample.event_types import Identity


@dataclass(frozen=True)
class Rows:
    """One position per event; all arrays have the shape (n_rows,).

    Attributes
    ----------
    type
        ``EventType``.
    user
        Position in ``Users``; anonymous events have it too, for their device.
    ms
        Milliseconds since midnight UTC of the day.
    item, qty, dwell_ms, query, surface, pos
        ``ABSENT`` where the event has none. ``query`` is a position in ``QUERIES``.
    identity
        ``Identity``.
    """

    type: Ints
    user: Ints
    ms: Ints
    item: Ints
    qty: Ints
    dwell_ms: Ints
    query: Ints
    surface: Ints
    pos: Ints
    identity: Ints

    def __len__(self) -> int:
        return len(self.type)

    def take(self, chosen: Ints | Bools) -> "Rows":
        """The rows at positions, or where a mask holds."""
        return Rows(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def build_rows(
    event_type: Ints | int,
    user: Ints,
    ms: Ints,
    *,
    item: Ints | int = ABSENT,
    qty: Ints | int = ABSENT,
    dwell_ms: Ints | int = ABSENT,
    query: Ints | int = ABSENT,
    surface: Ints | int = ABSENT,
    pos: Ints | int = ABSENT,
    identity: Ints | int = Identity.USER,
) -> Rows:
    """Build rows of the length of ``user``; single values hold for all of them."""
    given = (event_type, user, ms, item, qty, dwell_ms, query, surface, pos, identity)
    return Rows(*(np.broadcast_to(np.asarray(values, dtype=np.int64), user.shape) for values in given))


def concat_rows(parts: Iterable[Rows]) -> Rows:
    """All parts, one after the other."""
    blocks = list(parts)
    return Rows(*(np.concatenate([getattr(block, field.name) for block in blocks]) for field in fields(Rows)))


def order_rows(rows: Rows) -> Rows:
    """Rows by time, then user, type and item; equal ones keep the order in which they were built."""
    return rows.take(np.lexsort((rows.item, rows.type, rows.user, rows.ms)))
