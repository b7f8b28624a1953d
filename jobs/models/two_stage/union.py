"""Which items are ranked for a user: the best of every source, and the own ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.datasets.history import History
from jobs.models.lists import Mask, Scores
from jobs.models.two_stage.best_scores import last_of_best

# Half-life of a wish, days: long enough that last season's item is still preferred to one looked at once.
OWN_HALF_LIFE_DAYS = 60.0


@dataclass(frozen=True)
class Pairs:
    """Candidates of some users; one row per user and item, in the order user, item.

    Attributes
    ----------
    shape
        (n_users, n_items).
    user, item
        Shape (n_rows,), int64: positions.
    is_had
        Shape (n_rows,), bool: whether the user had reached the goal with the item.
    """

    shape: tuple[int, int]
    user: npt.NDArray[np.int64]
    item: npt.NDArray[np.int64]
    is_had: npt.NDArray[np.bool_]

    @property
    def starts(self) -> npt.NDArray[np.int64]:
        """Shape (n_users + 1,): rows of user u are ``starts[u]:starts[u + 1]``."""
        counts = np.bincount(self.user, minlength=self.shape[0])
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """Shape (n_rows,), ascending: one number per user and item."""
        return self.user * self.shape[1] + self.item

    def kept(self, rows: npt.NDArray[np.bool_]) -> "Pairs":
        """Some of the rows."""
        return Pairs(self.shape, self.user[rows], self.item[rows], self.is_had[rows])


def union_of(
    scores: Sequence[Scores], history: History, available: Mask, new_per_source: int, own_items: int
) -> Pairs:
    """The candidates of each user.

    Parameters
    ----------
    scores
        Of each source: shape (n_users, n_items).
    history
        Of the same users.
    available
        Shape (n_items,): nobody gets the others.
    new_per_source
        Most never-had items with a positive score that one source proposes.
    own_items
        Most items of the own history, by wish decayed with `OWN_HALF_LIFE_DAYS`.
    """
    had = dense_mask(history.matrix())
    chosen = dense_mask(best_own(history, available, own_items))
    closed = had | ~available[None, :]
    for of_source in scores:
        _mark_best(chosen, np.where(closed, np.float32(0), of_source), new_per_source)
    user, item = np.nonzero(chosen)
    return Pairs(history.shape, user, item, had[user, item])


def best_own(history: History, available: Mask, most: int) -> csr_matrix:
    """Shape (n_users, n_items): a 1 at the available items of each history that were wished for most."""
    wish = history.matrix(np.maximum(history.counts["weight"], 0) + history.goal, OWN_HALF_LIFE_DAYS)
    user = np.repeat(np.arange(wish.shape[0]), np.diff(wish.indptr))
    open_ = available[wish.indices]
    user, item, value = user[open_], wish.indices[open_], wish.data[open_]
    order = np.lexsort((item, -value, user))
    counts = np.bincount(user, minlength=wish.shape[0])
    place = np.arange(len(user)) - np.repeat(np.cumsum(counts) - counts, counts)
    best = order[place < most]
    return csr_matrix((np.ones(len(best), np.float32), (user[best], item[best])), shape=wish.shape)


def best_new(pairs: Pairs, rank: npt.NDArray[np.float32], most: int) -> npt.NDArray[np.bool_]:
    """Shape (n_rows,): all own items, and of each user's new ones those with the lowest rank, equals by position."""
    order = np.lexsort((pairs.item, rank, pairs.is_had, pairs.user))
    group = 2 * pairs.user[order] + pairs.is_had[order]
    counts = np.bincount(group)
    place = np.arange(len(order)) - (np.cumsum(counts) - counts)[group]
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[order[(place < most) | pairs.is_had[order]]] = True
    return kept


def dense_mask(matrix: csr_matrix) -> npt.NDArray[np.bool_]:
    """Shape of the matrix, bool: True at stored entries."""
    mask = np.zeros(matrix.shape, dtype=np.bool_)
    mask[np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)), matrix.indices] = True
    return mask


def _mark_best(chosen: npt.NDArray[np.bool_], scores: Scores, most: int) -> None:
    """Mark the `most` best positive cells of each row.

    All cells equal to the last one are marked with it: which of them is best nobody can say, and a choice by place
    would favour the ids that come first. Where more than twice as many tie, none of them is.
    """
    if most < scores.shape[1]:
        last = last_of_best(scores, most)
        found = scores >= last
        crowded = found.sum(axis=1) > 2 * most
        found[crowded] = (scores > last)[crowded]
        chosen |= found & (scores > 0)
    else:
        chosen |= scores > 0
