"""The search of one thread: some users at a time against all items."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.models.factors.exact import PairScores, Places
from jobs.models.factors.items import FactorItems, Factors, lengths
from jobs.models.lists import NO_ITEM, Lists, Scores, top_k

BATCH_SCORES = 2**24
"""Scores held at a time, 64 MiB: with half of them the product is slower by a tenth, with more it is no faster."""

_LOWEST = np.finfo(np.float32).min
_STEP, _SMALLEST = 2.0**-24, 2.0**-149
"""Relative error of one rounding to float32, and the absolute one of the smallest numbers."""


class FactorSearch:
    """Finds the best items of users; keeps its buffers from one batch to the next.

    A product in float32 is fast, but its last digits depend on how many users are multiplied together. So it only
    picks candidates, with room for its error; they are scored again in float64, one by one. Lists are then the same
    whatever the batches, threads and machines.

    Parameters
    ----------
    items
        What is searched.
    k
        Length of a list.
    """

    def __init__(self, items: FactorItems, k: int) -> None:
        self._items = items
        self._k = k
        width = len(items.padded)
        self.batch = max(1, BATCH_SCORES // max(1, width))
        self._scores = np.empty((self.batch, width), dtype=np.float32)
        self._is_near = np.empty((self.batch, width), dtype=np.bool_)
        self._best = np.empty((self.batch, items.n_groups), dtype=np.float32)
        self._pairs = PairScores(items.exact)

    def lists(self, users: Factors, exclude: csr_matrix | None) -> Lists:
        """Lists of at most `batch` users.

        Parameters
        ----------
        users
            Shape (n, f), float32.
        exclude
            Shape (n, n_items): what each user must not get.
        """
        scores = self._product(users, exclude)
        near = self._is_near[: len(users)]
        np.greater_equal(scores, self._least(scores, users)[:, None], out=near)
        user, number = np.divmod(np.flatnonzero(near), scores.shape[1])
        exact = self._pairs.of(users.astype(np.float64), user, number)
        return self._ordered(len(users), user, number, exact)

    def _product(self, users: Factors, exclude: csr_matrix | None) -> Scores:
        """Shape (n, width): scores in float32, minus infinity for what a user must not get."""
        scores = self._scores[: len(users)]
        np.matmul(users, self._items.padded.T, out=scores)
        scores[:, len(self._items.position) :] = -np.inf
        if exclude is not None:
            user = np.repeat(np.arange(len(users)), np.diff(exclude.indptr))
            number = self._items.number[exclude.indices]
            had = number != NO_ITEM
            scores[user[had], number[had]] = -np.inf
        return scores

    def _least(self, scores: Scores, users: Factors) -> npt.NDArray[np.float32]:
        """Shape (n,): no item of a user's list has a lower score in float32.

        The k-th largest of the groups' best is at most the k-th largest score. Below it there is room for the
        error of both products and of rounding their results.
        """
        n_groups = self._items.n_groups
        best = self._best[: len(users)]
        np.max(scores.reshape(len(users), -1, n_groups), axis=1, out=best)
        place = max(0, n_groups - self._k)
        best.partition(place, axis=1)
        norms = lengths(users, "user")
        error = (users.shape[1] + 4) * (_STEP * norms * self._items.largest + _SMALLEST)
        least = np.maximum(best[:, place] - 2 * error, _LOWEST)
        # Without any factor all items are equal, and nothing speaks for one of them.
        least[norms == 0] = np.inf
        return np.asarray(least, dtype=np.float32)

    def _ordered(self, n: int, user: Places, number: Places, exact: Scores) -> Lists:
        """The k best of the candidates, which come in the order user, number."""
        counts = np.bincount(user, minlength=n)
        place = np.arange(len(user)) - np.repeat(np.cumsum(counts) - counts, counts)
        scores = np.full((n, int(counts.max(initial=0))), -np.inf, dtype=np.float32)
        scores[user, place] = exact
        numbers = np.zeros(scores.shape, dtype=np.int64)
        numbers[user, place] = number
        found = top_k(scores, self._k)
        is_item = found.items != NO_ITEM
        items = np.full(found.items.shape, NO_ITEM, dtype=np.int32)
        rows = np.nonzero(is_item)[0]
        items[is_item] = self._items.position[numbers[rows, found.items[is_item]]]
        return Lists(items=items, scores=found.scores)
