"""What users had: each pair of user and item once, to be looked up for whole grids of items."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.models.lists import Mask
from jobs.models.sources.rebuys import PairGaps

DUE_FROM = 0.75
DUE_UNTIL = 1.5
"""Shares of the usual gap between which an item is due again: a little early, and not yet given up."""

DUE_DAYS = 3
"""Days on which it was had, at least: two gaps make a habit, one does not."""


@dataclass(frozen=True)
class Had:
    """One row per user and item with which the goal was reached, in the order user, item.

    Attributes
    ----------
    key
        Shape (n_rows,), int64: user * n_items + item, ascending.
    n_days, first_age, last_age
        Shape (n_rows,), int32: on how many days, and how long ago the first and the last of them were.
    n_items
        Items that keys count in.
    """

    key: npt.NDArray[np.int64]
    n_days: npt.NDArray[np.int32]
    first_age: npt.NDArray[np.int32]
    last_age: npt.NDArray[np.int32]
    n_items: int

    @classmethod
    def of(cls, history: History) -> "Had":
        """Of every user of a history."""
        pairs, n_items = PairGaps.of(history), len(history.items)
        return cls(
            key=pairs.user.astype(np.int64) * n_items + pairs.item,
            n_days=pairs.n_days.astype(np.int32),
            first_age=(pairs.since + pairs.span).astype(np.int32),
            last_age=pairs.since.astype(np.int32),
            n_items=n_items,
        )

    def contains(self, items: npt.NDArray[np.int32]) -> Mask:
        """Whether user u had ``items[u, j]``.

        Parameters
        ----------
        items
            Shape (n_users, width): positions; what is below 0 was had by nobody.
        """
        return self._rows(items)[1]

    def is_due(self, items: npt.NDArray[np.int32]) -> Mask:
        """Whether user u had ``items[u, j]`` in a rhythm by which it is due about now."""
        row, found = self._rows(items)
        if not len(self.key):
            return found
        gap = (self.first_age - self.last_age) / np.maximum(self.n_days - 1, 1)
        due = (self.n_days >= DUE_DAYS) & (self.last_age >= DUE_FROM * gap) & (self.last_age <= DUE_UNTIL * gap)
        return np.asarray(found & due[row], dtype=np.bool_)

    def _rows(self, items: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int64], Mask]:
        if not len(self.key):
            return np.zeros(items.shape, np.int64), np.zeros(items.shape, np.bool_)
        wanted = np.arange(len(items), dtype=np.int64)[:, None] * self.n_items + items
        row = np.searchsorted(self.key, wanted).clip(max=len(self.key) - 1)
        return row, (self.key[row] == wanted) & (items >= 0)
