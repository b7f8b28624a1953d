"""How alike the items of a user's pool are to those on the list so far."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.models.lists import Scores


class Likeness:
    """The largest likeness of each item of a pool to any item added so far.

    Two items are alike by category (1 where both are of the same) and by neighbourhood (how much the one on the list
    speaks for the other, as a share of what it says for its nearest); where both are known, likeness is their mean.

    Parameters
    ----------
    items
        Shape (n_users, width), int32: the pool.
    category
        Shape (n_items,), int32: 0 where an item has none.
    neighbours
        Shape (n_items, n_items), row i how much i speaks for others; None where nobody knows.
    """

    def __init__(
        self, items: npt.NDArray[np.int32], category: npt.NDArray[np.int32], neighbours: csr_matrix | None
    ) -> None:
        self.largest: Scores = np.zeros(items.shape, dtype=np.float32)
        self._items = items
        self._category = category if category.any() else None
        self._neighbours = None if neighbours is None else _shares(neighbours)
        known = (self._category is not None) + (neighbours is not None)
        self._weight = np.float32(1 / max(1, known))
        # One row per user, zero between two calls: a place to look up neighbours by item.
        self._scratch = np.zeros((len(items), len(category) if neighbours is not None else 0), dtype=np.float32)

    def add(self, users: npt.NDArray[np.int64], added: npt.NDArray[np.int32]) -> None:
        """Put one item on the list of each of some users.

        Parameters
        ----------
        users
            Shape (m,): rows, each once.
        added
            Shape (m,): the item of each.
        """
        offered = self._items[users]
        alike = np.zeros(offered.shape, dtype=np.float32)
        if self._category is not None:
            own = self._category[added][:, None]
            alike += self._weight * ((self._category[offered] == own) & (own != 0))
        if self._neighbours is not None:
            alike += self._weight * self._said(self._neighbours[added], users, offered)
        self.largest[users] = np.maximum(self.largest[users], alike)

    def _said(self, rows: csr_matrix, users: npt.NDArray[np.int64], offered: npt.NDArray[np.int32]) -> Scores:
        """Shape of what is offered: what the row of each user says for it."""
        user = np.repeat(users, np.diff(rows.indptr))
        self._scratch[user, rows.indices] = rows.data
        found = self._scratch[users[:, None], offered]
        self._scratch[user, rows.indices] = 0
        return found


def _shares(neighbours: csr_matrix) -> csr_matrix:
    """Each row as shares of its largest entry."""
    rows = neighbours.tocsr()
    largest = rows.max(axis=1).toarray().ravel()
    shares = rows.data / np.repeat(np.where(largest > 0, largest, 1), np.diff(rows.indptr))
    return csr_matrix((shares.astype(np.float32), rows.indices, rows.indptr), shape=rows.shape)
