"""The items that factors are searched for, laid out once for all users."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.core.errors import ModelError
from jobs.models.lists import NO_ITEM, Mask

Factors = npt.NDArray[np.float32]

GROUPS_PER_PLACE = 16
"""Groups of items for each place of a list: the best 50 of 800 groups hold the best 50 items but for one or two."""


@dataclass(frozen=True)
class FactorItems:
    """Factors of the items that may be had, padded so that they fall into groups of one size.

    Item number j belongs to group ``j % n_groups``.

    Attributes
    ----------
    padded
        Shape (group_size * n_groups, f), float32, zeros behind the last item: what is multiplied.
    exact
        Shape (n_allowed, f), float64: the same numbers, for scores that count.
    position
        Shape (n_allowed,), int32, ascending: where each stands among all items.
    number
        Shape (n_items,), int32: the other way round; -1 for an item that nobody gets.
    n_groups
        At least 1.
    largest
        The largest length of an item's vector.
    """

    padded: Factors
    exact: npt.NDArray[np.float64]
    position: npt.NDArray[np.int32]
    number: npt.NDArray[np.int32]
    n_groups: int
    largest: float

    @classmethod
    def of(cls, item_factors: Factors, k: int, available: Mask | None) -> Self:
        """Lay out the items.

        Raises
        ------
        ModelError
            If a factor is not finite.
        """
        position = np.arange(len(item_factors)) if available is None else np.flatnonzero(available)
        exact = item_factors[position].astype(np.float64)
        n_allowed, n_factors = exact.shape
        size = max(1, n_allowed // (GROUPS_PER_PLACE * k))
        n_groups = max(1, -(-n_allowed // size))
        padded = np.zeros((size * n_groups, n_factors), dtype=np.float32)
        padded[:n_allowed] = exact
        number = np.full(len(item_factors), NO_ITEM, dtype=np.int32)
        number[position] = np.arange(n_allowed, dtype=np.int32)
        return cls(
            padded, exact, position.astype(np.int32), number, n_groups, float(lengths(exact, "item").max(initial=0))
        )


def lengths(factors: npt.NDArray[np.floating], whose: str) -> npt.NDArray[np.float64]:
    """Shape (n,): Euclidean length of each row.

    Raises
    ------
    ModelError
        If a factor is not finite.
    """
    found: npt.NDArray[np.float64] = np.sqrt(np.einsum("nf,nf->n", factors, factors, dtype=np.float64))
    if not np.isfinite(found).all():
        wrong = int(np.flatnonzero(~np.isfinite(found))[0])
        raise ModelError(f"{whose} factors must be finite; those of {whose} {wrong} are not: train the model again")
    return found
