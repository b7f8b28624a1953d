"""Limits on lists: at most n of a category, a share of new items, diversity.

Chosen greedily from each user's pool, all users at once. Diversity is maximal marginal relevance (Carbonell and
Goldstein, 1998): the next item is the one with the largest ``(1 - dial) * relevance - dial * likeness``, where
relevance is the score between the lowest (0) and the highest (1) of the pool, and likeness the largest to what is on
the list.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.config.lists import ListSettings, NewItemSettings
from jobs.datasets.past import Catalogue
from jobs.models.lists import NO_ITEM, Mask
from jobs.models.surfaces.likeness import Likeness
from jobs.models.surfaces.pool import Pool

# A share of ten items may be 2.9999999999999996.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Limits:
    """What a list must keep to.

    Attributes
    ----------
    max_per_category
        Items of one category; items without one are not counted. None: no limit.
    new_at_least, new_at_most
        Shares of new items: of the first r items at least ``floor(r * new_at_least)`` are new, as long as the pool
        has some, and at most ``floor(r * new_at_most)``.
    diversity
        0: by score alone; 1: by unlikeness alone.
    """

    max_per_category: int | None = None
    new_at_least: float = 0.0
    new_at_most: float = 1.0
    diversity: float = 0.0

    @classmethod
    def of(cls, settings: ListSettings, surface: str) -> "Limits":
        """Those of a surface: categories everywhere, the others where lists mix all kinds of items."""
        mixes = surface in ("for_you", "discover")
        shares = settings.new_items if mixes else NewItemSettings(at_least=0, at_most=1)
        return cls(
            max_per_category=settings.max_per_category,
            new_at_least=shares.at_least,
            new_at_most=shares.at_most,
            diversity=settings.diversity if mixes else 0.0,
        )

    @property
    def are_off(self) -> bool:
        """Whether the best items by score are the list."""
        return self == Limits()


@dataclass(frozen=True)
class ItemTraits:
    """What limits look at.

    Attributes
    ----------
    category
        Shape (n_items,), int32: 0 where an item has none, else a number for each category.
    is_new
        Shape (n_items,), bool.
    neighbours
        As in `SurfaceInput`.
    """

    category: npt.NDArray[np.int32]
    is_new: Mask
    neighbours: csr_matrix | None

    @classmethod
    def of(cls, catalogue: Catalogue, is_new: Mask, neighbours: csr_matrix | None) -> "ItemTraits":
        """Of a catalogue."""
        names, code = np.unique(catalogue.category, return_inverse=True)
        without = bool(len(names)) and names[0] == ""
        return cls((code if without else code + 1).astype(np.int32), is_new, neighbours)


def choose(pool: Pool, k: int, limits: Limits, traits: ItemTraits) -> Pool:
    """The k items of each user that keep to the limits, in their new order.

    A list is shorter where nothing is left that the limits allow. An item that a limit moved up, or that stands below
    one that was, is given no higher score than the one above it.

    Parameters
    ----------
    pool
        Of any users.
    k
        Items of a list.
    limits, traits
        What to keep to, and what of the items.
    """
    if limits.are_off:
        return pool.columns(_first(pool, k))
    chosen = pool.columns(_Greedy(pool, limits, traits).columns(k))
    scores = np.where(chosen.items == NO_ITEM, np.inf, chosen.scores)
    falling = np.minimum.accumulate(scores, axis=1)
    chosen.scores[:] = np.where(chosen.items == NO_ITEM, 0, falling)
    return chosen


def _first(pool: Pool, k: int) -> npt.NDArray[np.int64]:
    columns = np.broadcast_to(np.arange(k), (len(pool.items), k))
    return np.where(columns < pool.lengths[:, None], columns, -1).astype(np.int64)


class _Greedy:
    """One item a step for all users of a pool."""

    def __init__(self, pool: Pool, limits: Limits, traits: ItemTraits) -> None:
        self._limits = limits
        self._items = np.where(pool.items == NO_ITEM, 0, pool.items)
        self._free = pool.items != NO_ITEM
        self._users = np.arange(len(pool.items))
        self._is_new = traits.is_new[self._items]
        self._category = traits.category[self._items]
        self._in_category = np.zeros((len(pool.items), int(traits.category.max(initial=0)) + 1), dtype=np.int32)
        self._n = np.zeros(len(pool.items), dtype=np.int64)
        self._n_new = np.zeros(len(pool.items), dtype=np.int64)
        self._relevance = _relevance(pool) * np.float32(1 - limits.diversity)
        self._likeness = Likeness(self._items, traits.category, traits.neighbours) if limits.diversity else None

    def columns(self, k: int) -> npt.NDArray[np.int64]:
        """Shape (n_users, k): the chosen columns, -1 where a list ends."""
        found = np.full((len(self._users), k), -1, dtype=np.int64)
        for place in range(k):
            found[:, place] = self._step()
        return found

    def _step(self) -> npt.NDArray[np.int64]:
        allowed = self._allowed()
        goes_on: Mask = np.asarray(allowed.any(axis=1), dtype=np.bool_)
        column = np.where(allowed, self._value(), -np.inf).argmax(axis=1)
        self._take(column, goes_on)
        return np.where(goes_on, column, -1)

    def _value(self) -> npt.NDArray[np.float32]:
        if self._likeness is None:
            return self._relevance
        return np.asarray(self._relevance - np.float32(self._limits.diversity) * self._likeness.largest)

    def _allowed(self) -> Mask:
        limits, length = self._limits, self._n + 1
        allowed = self._free
        if limits.max_per_category is not None:
            counts = self._in_category[self._users[:, None], self._category]
            allowed = allowed & ((self._category == 0) | (counts < limits.max_per_category))
        if limits.new_at_most < 1:
            full = self._n_new + 1 > np.floor(length * limits.new_at_most + _ROUNDING)
            allowed = allowed & ~(full[:, None] & self._is_new)
        if limits.new_at_least > 0:
            wanted = self._n_new < np.floor(length * limits.new_at_least + _ROUNDING)
            has_new = (allowed & self._is_new).any(axis=1)
            allowed = allowed & ~((wanted & has_new)[:, None] & ~self._is_new)
        return np.asarray(allowed, dtype=np.bool_)

    def _take(self, column: npt.NDArray[np.int64], goes_on: Mask) -> None:
        users, taken = self._users[goes_on], column[goes_on]
        self._free[users, taken] = False
        self._in_category[users, self._category[users, taken]] += 1
        self._n[users] += 1
        self._n_new[users] += self._is_new[users, taken]
        if self._likeness is not None:
            self._likeness.add(users, self._items[users, taken])


def _relevance(pool: Pool) -> npt.NDArray[np.float32]:
    """Shape of the pool: 1 for the highest score of a user, 0 for the lowest."""
    has = pool.items != NO_ITEM
    highest = np.where(has, pool.scores, -np.inf).max(axis=1, initial=-np.inf, keepdims=True)
    lowest = np.where(has, pool.scores, np.inf).min(axis=1, initial=np.inf, keepdims=True)
    spread = np.where(highest > lowest, highest - lowest, 1)
    return np.where(has, (pool.scores - lowest) / spread, 0).astype(np.float32)
