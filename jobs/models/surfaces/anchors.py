"""Why an item is on a list: the item of the user's own history that speaks most for it."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.models.lists import NO_ITEM
from jobs.models.surfaces.pool import Grid
from jobs.models.user_batches import user_batches


class Anchors:
    """Finds anchors by a user's weights of items had and what those say for others.

    Parameters
    ----------
    had
        Shape (n_users, n_items), float32, positive: how much the user had of each item, decayed.
    neighbours
        As in `SurfaceInput`; None where nobody knows, and then nothing has an anchor.
    """

    def __init__(self, had: csr_matrix, neighbours: csr_matrix | None) -> None:
        self._had = had
        self._speaking: csr_matrix | None = None
        if neighbours is not None:
            # Row i: who speaks for i, by item; so that of equals the lower id comes first.
            self._speaking = neighbours.T.tocsr()
            self._speaking.sort_indices()

    def of(self, items: Grid) -> Grid:
        """The anchor of each listed item.

        Parameters
        ----------
        items
            Shape (n_users, k): lists, -1 where one ends.

        Returns
        -------
        ndarray
            Shape (n_users, k), int32: the item had with the largest weight times what it says for the listed one; -1
            where none says anything. Equal values go to the lower item id; an item is never its own anchor.
        """
        anchors = np.full(items.shape, NO_ITEM, dtype=np.int32)
        if self._speaking is None or not self._had.nnz:
            return anchors
        for start, stop in user_batches(len(items), self._had.shape[1]):
            user, place = np.nonzero(items[start:stop] != NO_ITEM)
            listed = items[start:stop][user, place]
            anchors[start + user, place] = self._strongest(self._speaking[listed], self._dense(start, stop), user)
        return anchors

    def _dense(self, start: int, stop: int) -> npt.NDArray[np.float32]:
        return np.asarray(self._had[start:stop].toarray(), dtype=np.float32)

    @staticmethod
    def _strongest(
        speaking: csr_matrix, weights: npt.NDArray[np.float32], user: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int32]:
        """Shape (rows of speaking,): the column with the largest product of each row, -1 where all are 0."""
        lengths = np.diff(speaking.indptr)
        found = np.full(len(user), NO_ITEM, dtype=np.int32)
        rows = np.flatnonzero(lengths)
        if not len(rows):
            return found
        support = speaking.data * weights[np.repeat(user, lengths), speaking.indices]
        starts = speaking.indptr[rows]
        largest = np.maximum.reduceat(support, starts)
        is_largest = np.flatnonzero((support == np.repeat(largest, lengths[rows])) & (support > 0))
        row_of = np.repeat(rows, lengths[rows])[is_largest]
        first = np.diff(row_of, prepend=-1) != 0
        found[row_of[first]] = speaking.indices[is_largest[first]]
        return found
