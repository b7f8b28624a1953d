"""Why an item is on a list: the item of the user's own history that speaks most for it."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.models.lists import NO_ITEM
from jobs.models.sources.neighbours import keep_largest
from jobs.models.surfaces.pool import Grid
from jobs.models.user_batches import user_batches

NEAREST = 40
"""Items asked first, those that speak most for the listed one; the others where the user had none of them."""


class Anchors:
    """Finds anchors by a user's weights of items had and what those say for others.

    Parameters
    ----------
    neighbours
        As in `SurfaceInput`; None where nobody knows, and then nothing has an anchor.
    """

    def __init__(self, neighbours: csr_matrix | None) -> None:
        self._speaking: tuple[csr_matrix, ...] = ()
        if neighbours is not None:
            # Row i: who speaks for i, by item; so that of equals the lower id comes first.
            everybody = neighbours.T.tocsr()
            everybody.sort_indices()
            self._speaking = (keep_largest(everybody, NEAREST), everybody)

    def of(self, items: Grid, had: csr_matrix) -> Grid:
        """The anchor of each listed item.

        Parameters
        ----------
        items
            Shape (n_users, k): lists, -1 where one ends.
        had
            Shape (n_users, n_items), float32, positive: how much each user had of each item, decayed.

        Returns
        -------
        ndarray
            Shape (n_users, k), int32: the item had with the largest weight times what it says for the listed one, of
            the `NEAREST` to it if the user had any; -1 where none says anything. Of equals the one with the lower id;
            an item is never its own anchor.
        """
        anchors = np.full(items.shape, NO_ITEM, dtype=np.int32)
        for start, stop in user_batches(len(items), had.shape[1]):
            weights = np.asarray(had[start:stop].toarray(), dtype=np.float32)
            listed, batch = items[start:stop], anchors[start:stop]
            for speaking in self._speaking:
                user, place = np.nonzero((listed != NO_ITEM) & (batch == NO_ITEM))
                batch[user, place] = _strongest(speaking[listed[user, place]], weights, user)
        return anchors


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
    largest = np.maximum.reduceat(support, speaking.indptr[rows])
    is_largest = np.flatnonzero((support == np.repeat(largest, lengths[rows])) & (support > 0))
    row_of = np.repeat(rows, lengths[rows])[is_largest]
    first = np.diff(row_of, prepend=-1) != 0
    found[row_of[first]] = speaking.indices[is_largest[first]]
    return found
