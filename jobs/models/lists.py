"""Ranked lists of items, and the one way to cut them out of a matrix of scores."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

NO_ITEM = -1
SIGNIFICANT_DIGITS = 6  # what float32 holds safely: digits beyond differ between machines

Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
_Keys = npt.NDArray[np.uint64]

_NOTHING = np.uint64(2**64 - 1)
_ITEM_BITS = np.uint64(32)
_ITEM_MASK = np.uint64(2**32 - 1)
_SIGN = np.uint32(2**31)

_LARGEST_EXPONENT = 180  # half of what the smallest float64 needs
_POWERS = np.power(10.0, np.arange(-_LARGEST_EXPONENT, _LARGEST_EXPONENT + 1), dtype=np.float64)


@dataclass(frozen=True)
class Lists:
    """One ranked list per user, best first.

    Attributes
    ----------
    items
        Shape (n_users, k), int32: positions in the model's items, -1 where a list is shorter than k.
    scores
        Shape (n_users, k), float32, six significant digits, falling along a row; 0 where items is -1.
    """

    items: npt.NDArray[np.int32]
    scores: Scores

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Shape (n_users,): how many items each list has."""
        return np.asarray((self.items != NO_ITEM).sum(axis=1), dtype=np.int64)


def top_k(scores: Scores, k: int, exclude: csr_matrix | None = None, available: Mask | None = None) -> Lists:
    """The k best allowed items of each row; equal scores go by position, so by item id.

    Parameters
    ----------
    scores
        Shape (n, m), float32. Not a number or minus infinity: the item is no candidate.
    k
        Length of a list.
    exclude
        Shape (n, m): what each user must not get. Every stored entry counts, whatever its value.
    available
        Shape (m,): False for an item that nobody gets.

    Returns
    -------
    Lists
        Shape (n, k). Lists with fewer than k candidates end in -1.
    """
    keys = _sort_keys(scores)
    if available is not None:
        keys[:, ~available] = _NOTHING
    if exclude is not None:
        entries = exclude.tocoo()
        keys[entries.row, entries.col] = _NOTHING
    width = min(k, keys.shape[1])
    if width < keys.shape[1]:
        keys = np.partition(keys, width - 1, axis=1)[:, :width]
    return _decode(np.sort(keys, axis=1), scores, k)


def round_significant(values: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """Round to six significant digits; zero stays zero. Any shape; values must be finite."""
    exact = np.asarray(values, dtype=np.float64)
    magnitude = np.where(exact == 0, 1.0, np.abs(exact))
    digits = SIGNIFICANT_DIGITS - 1 - np.floor(np.log10(magnitude))
    # Splitting the power keeps 10**digits finite for the smallest float32.
    half = np.floor(digits / 2)
    first, second = _power_of_ten(half), _power_of_ten(digits - half)
    rounded: npt.NDArray[np.float64] = np.rint(exact * first * second) / first / second
    return rounded


def _power_of_ten(exponents: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Looked up: computing them took longer than all else that makes a list."""
    return _POWERS.take(exponents.astype(np.int64) + _LARGEST_EXPONENT)


def _sort_keys(scores: Scores) -> _Keys:
    """One integer per cell that is smaller where the item is better: score falling, then position.

    With unique keys a partial sort has one right answer, which it does not have for equal scores.
    """
    bits = np.ascontiguousarray(scores + np.float32(0), dtype=np.float32).view(np.uint32)
    rising = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    positions = np.arange(scores.shape[1], dtype=np.uint64)
    keys = ((~rising).astype(np.uint64) << _ITEM_BITS) | positions
    keys[np.isnan(scores) | np.isneginf(scores)] = _NOTHING
    return keys


def _decode(keys: _Keys, scores: Scores, k: int) -> Lists:
    n, width = keys.shape
    found = keys != _NOTHING
    positions = np.where(found, keys & _ITEM_MASK, 0).astype(np.int64)
    values = np.where(found, np.take_along_axis(scores, positions, axis=1), 0)
    rounded = round_significant(values).astype(np.float32)
    items = np.full((n, k), NO_ITEM, dtype=np.int32)
    items[:, :width] = np.where(found, positions, NO_ITEM)
    padded = np.zeros((n, k), dtype=np.float32)
    padded[:, :width] = rounded
    _order_equals(items, padded)
    return Lists(items=items, scores=padded)


def _order_equals(items: npt.NDArray[np.int32], scores: Scores) -> None:
    """Rounding can make neighbours equal; they go by position like all equals. In place, both of shape (n, k)."""
    falls = (scores[:, 1:] == scores[:, :-1]) & (items[:, 1:] < items[:, :-1]) & (items[:, 1:] != NO_ITEM)
    rows = np.flatnonzero(falls.any(axis=1))
    if len(rows):
        order = np.lexsort((items[rows], -scores[rows], items[rows] == NO_ITEM), axis=1)
        items[rows] = np.take_along_axis(items[rows], order, axis=1)
