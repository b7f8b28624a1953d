"""Why an item is on a list: the item of the user's own history that speaks most for it."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.models.lists import NO_ITEM
from jobs.models.sources.neighbours import keep_largest
from jobs.models.surfaces.pool import Grid

NEAREST = 40
"""Items asked first, those that speak most for the listed one; the others where the user had none of them."""

BATCH_CELLS = 2_000_000
"""Pairs of users and items, and products, held at once: about 100 MB."""


class Anchors:
    """Finds anchors by a user's weights of items had and what those say for others.

    Parameters
    ----------
    neighbours
        As in `SurfaceInput`; None where nobody knows, and then nothing has an anchor.
    """

    def __init__(self, neighbours: csr_matrix | None) -> None:
        self._said: tuple[csr_matrix, ...] = ()
        if neighbours is not None:
            # Of those who speak for an item the nearest are chosen; row i is then again what i says for others.
            nearest = keep_largest(neighbours.T.tocsr(), NEAREST)
            self._said = (nearest.T.tocsr(), neighbours.tocsr())

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
        if not self._said:
            return anchors
        for start, stop in _batches(had, self._said[-1]):
            listed, batch = items[start:stop], anchors[start:stop]
            for said in self._said:
                user, place = np.nonzero((listed != NO_ITEM) & (batch == NO_ITEM))
                if len(user):
                    batch[user, place] = _strongest(had[start:stop], said)[user, listed[user, place]]
        return anchors


def _batches(had: csr_matrix, said: csr_matrix) -> Iterator[tuple[int, int]]:
    """Ranges of users, first and one past the last, of whom no more is held at once than `BATCH_CELLS`."""
    # A user costs a row of cells, and whatever the items had say.
    says = np.concatenate([[0], np.cumsum(np.diff(said.indptr)[had.indices], dtype=np.int64)])[had.indptr]
    cost = says + np.arange(len(says)) * had.shape[1]
    start = 0
    while start < had.shape[0]:
        stop = max(start + 1, int(np.searchsorted(cost, cost[start] + BATCH_CELLS, side="right")) - 1)
        yield start, stop
        start = stop


def _strongest(had: csr_matrix, said: csr_matrix) -> npt.NDArray[np.int32]:
    """Shape (n_users, n_items): the item had with the largest product for each other item, -1 where all are 0.

    What users had are few items, so it is cheaper to see for whom each of those speaks than who speaks for what is
    listed.
    """
    user = np.repeat(np.arange(had.shape[0]), np.diff(had.indptr))
    speaks = said[had.indices]
    lengths = np.diff(speaks.indptr)
    cell = np.repeat(user * had.shape[1], lengths) + speaks.indices
    support = np.repeat(had.data.astype(np.float32), lengths) * speaks.data
    largest = np.zeros(had.shape, dtype=support.dtype).ravel()
    np.maximum.at(largest, cell, support)
    is_largest = np.flatnonzero((support == largest[cell]) & (support > 0))
    nobody = had.shape[1]
    found = np.full(largest.shape, nobody, dtype=np.int32)
    np.minimum.at(found, cell[is_largest], np.repeat(had.indices, lengths)[is_largest])
    return np.where(found == nobody, NO_ITEM, found).reshape(had.shape).astype(np.int32)
