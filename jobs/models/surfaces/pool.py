"""The best items of each user for one surface: what limits choose from."""

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt

from jobs.models.candidates import Candidates
from jobs.models.lists import NO_ITEM, Mask, Scores, top_k

Grid = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]

_Value = TypeVar("_Value", bound=np.generic)

UNEXPLAINED = -1
"""Where the reason is yet to be found."""


@dataclass(frozen=True)
class Pool:
    """Items of some users, best first; a row that is shorter than the widest ends in -1.

    Attributes
    ----------
    items
        Shape (n_users, width), int32: positions, no item twice in a row, -1 only at its end.
    scores
        Shape (n_users, width), float32, not rising along a row; 0 where there is no item.
    sources
        Shape (n_users, width), int16: positions in the names of sources.
    reasons
        Shape (n_users, width), int8: positions in `jobs.core.surfaces.REASONS`, or `UNEXPLAINED`.
    anchors
        Shape (n_users, width), int32: the item that the reason names, -1 where it names none.
    is_filling
        Shape (n_users, width), bool: the item is from the list of a lower rung.
    """

    items: Grid
    scores: Scores
    sources: npt.NDArray[np.int16]
    reasons: Codes
    anchors: Grid
    is_filling: Mask

    @classmethod
    def of_items(cls, items: Grid, scores: Scores, sources: npt.NDArray[np.int16]) -> Self:
        """Items with reasons yet to be found, none of them from a lower rung."""
        return cls(
            items=items,
            scores=scores,
            sources=sources,
            reasons=np.full(items.shape, UNEXPLAINED, dtype=np.int8),
            anchors=np.full(items.shape, NO_ITEM, dtype=np.int32),
            is_filling=np.zeros(items.shape, dtype=np.bool_),
        )

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Shape (n_users,): items of each user."""
        return np.asarray((self.items != NO_ITEM).sum(axis=1), dtype=np.int64)

    def rows(self, users: npt.NDArray[np.int64]) -> Self:
        """The lists of users at these positions, in their order; one may come often."""
        return type(self)(**{name: values[users] for name, values in vars(self).items()})

    def columns(self, chosen: npt.NDArray[np.int64]) -> Self:
        """Other columns of each row, or fewer.

        Parameters
        ----------
        chosen
            Shape (n_users, k): columns in their new order, each once in a row; -1 where a row ends.
        """
        ends = chosen < 0
        safe = np.where(ends, 0, chosen)
        return type(self)(
            items=_taken(self.items, safe, ends, NO_ITEM),
            scores=_taken(self.scores, safe, ends, 0),
            sources=_taken(self.sources, safe, ends, 0),
            reasons=_taken(self.reasons, safe, ends, UNEXPLAINED),
            anchors=_taken(self.anchors, safe, ends, NO_ITEM),
            is_filling=_taken(self.is_filling, safe, ends, False),
        )


def best_candidates(candidates: Candidates, values: Scores, allowed: Mask, width: int) -> Pool:
    """The best allowed candidates of each user; equal values go by item id.

    Parameters
    ----------
    candidates
        Of the users.
    values
        Shape (n_rows,), float32, finite: what to order by.
    allowed
        Shape (n_rows,), bool.
    width
        Items of a user, at most.
    """
    indptr = candidates.indptr
    longest = int(np.diff(indptr).max(initial=0))
    if not longest:
        return empty_pool(candidates.n_users, width)
    grid = np.full((candidates.n_users, longest), -np.inf, dtype=np.float32)
    column = np.arange(len(values)) - indptr[candidates.user]
    grid[candidates.user[allowed], column[allowed]] = values[allowed]
    best = top_k(grid, width)
    ends = best.items == NO_ITEM
    row = np.where(ends, 0, indptr[:-1, None] + best.items)
    return Pool.of_items(
        items=np.where(ends, NO_ITEM, candidates.item[row]).astype(np.int32),
        scores=best.scores,
        sources=np.where(ends, 0, candidates.source[row]).astype(np.int16),
    )


def empty_pool(n_users: int, width: int) -> Pool:
    """No item for anybody."""
    shape = (n_users, width)
    return Pool.of_items(np.full(shape, NO_ITEM, np.int32), np.zeros(shape, np.float32), np.zeros(shape, np.int16))


def to_the_front(pool: Pool, kept: Mask, width: int) -> Pool:
    """The kept items in their order, at most `width` of a row.

    Parameters
    ----------
    pool
        Its items may end anywhere in a row.
    kept
        Shape (n_users, its width), bool.
    width
        Of what is returned.
    """
    kept = kept & (pool.items != NO_ITEM)
    order = np.argsort(~kept, axis=1, kind="stable")[:, :width].astype(np.int64)
    missing = width - order.shape[1]
    chosen = np.where(np.take_along_axis(kept, order, axis=1), order, -1)
    return pool.columns(np.pad(chosen, ((0, 0), (0, max(0, missing))), constant_values=-1))


def _taken(
    values: npt.NDArray[_Value], columns: npt.NDArray[np.int64], ends: Mask, empty: float
) -> npt.NDArray[_Value]:
    taken = np.take_along_axis(values, columns, axis=1)
    taken[ends] = empty
    return taken
