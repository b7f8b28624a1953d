"""Intervals of means over users, by resampling users (percentile bootstrap; Efron, 1979).

A draw gives each user a Poisson(1) weight instead of drawing as many users with replacement: for more than a few
dozen users the two give the same intervals (Hanley and MacGibbon, 2006), and a draw is one row of a matrix product.
All columns of a table share their draws, so a difference or ratio of two of them is paired: what makes a user easy or
hard for both methods cancels out.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

MOST_RELATIVE = 10.0
"""A method more than eleven times as good as one that finds nearly nothing: how much more says nothing."""

_BLOCK_CELLS = 4_000_000  # weights at a time, eight bytes each
_BITS = 16


@dataclass(frozen=True)
class Estimate:
    """A mean and its interval.

    Attributes
    ----------
    value
        Mean over users; not a number where nobody has one.
    low, high
        Ends of the interval.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Paired:
    """One method beside another, the base, on the same users.

    Attributes
    ----------
    value, base
        Means of the two.
    difference, low, high
        ``value - base`` with its interval.
    relative, relative_low, relative_high
        ``value / base - 1`` with its interval, at most `MOST_RELATIVE`; 0 where both are 0.
    """

    value: float
    base: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float

    @property
    def ratio_low(self) -> float:
        """Lower end of the interval of ``value / base``."""
        return 1.0 + self.relative_low

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> "Paired":
        """Read back what `dataclasses.asdict` gave; an absent number is not a number."""
        return cls(**{name: math.nan if value is None else float(value) for name, value in told.items()})


@dataclass(frozen=True)
class Draws:
    """Means of every column, over all users and in every draw.

    Attributes
    ----------
    means
        Shape (n_columns,).
    drawn
        Shape (n_draws, n_columns).
    """

    means: Values
    drawn: Values

    def estimate(self, column: int, confidence: float) -> Estimate:
        """Mean of a column with its interval."""
        low, high = _ends(self.drawn[:, column], confidence)
        return Estimate(float(self.means[column]), low, high)

    def paired(self, column: int, base: int, confidence: float) -> Paired:
        """One column beside another."""
        low, high = _ends(self.drawn[:, column] - self.drawn[:, base], confidence)
        value, of_base = self.means[column], self.means[base]
        relative_low, relative_high = _ends(_relative(self.drawn[:, column], self.drawn[:, base]), confidence)
        return Paired(
            value=float(value),
            base=float(of_base),
            difference=float(value - of_base),
            low=low,
            high=high,
            relative=float(_relative(value, of_base)),
            relative_low=relative_low,
            relative_high=relative_high,
        )


def resample(values: Values, n_draws: int, seed: int) -> Draws:
    """Draw users again and again.

    Parameters
    ----------
    values
        Shape (n_users, n_columns), float64: one number a user, method and metric. Not-a-number: the user does not
        count in this column, in any draw.
    n_draws
        2,000 leave a hundredth of an interval's width to chance.
    seed
        The same one gives the same draws.

    Returns
    -------
    Draws
        Of every column; not a number for columns without any value.
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    means = _divided(filled.sum(axis=0), known.sum(axis=0))
    gaps = np.flatnonzero(~known.all(axis=0))
    # Nearly all columns have a value for every user, and share the sum of the weights.
    columns = np.column_stack([filled, np.ones(len(values)), known[:, gaps]])
    drawn = np.concatenate([weights @ columns for weights in draw_weights(len(values), n_draws, seed)])
    n_columns = values.shape[1]
    counts = np.repeat(drawn[:, [n_columns]], n_columns, axis=1)
    counts[:, gaps] = drawn[:, n_columns + 1 :]
    # Of a handful of users a draw may take nobody; it then says what all of them say.
    means_drawn = np.where(counts > 0, _divided(drawn[:, :n_columns], counts), means)
    return Draws(means, means_drawn)


def compare_pair(values: Values, base: Values, n_draws: int, seed: int, confidence: float) -> Paired:
    """Two methods on the same users; shapes (n_users,), in one order."""
    if values.shape != base.shape or values.ndim != 1:
        raise ValueError(f"a pair must be of the same users, got shapes {values.shape} and {base.shape}")
    return resample(np.column_stack([values, base]), n_draws, seed).paired(0, 1, confidence)


def draw_weights(n_users: int, n_draws: int, seed: int) -> Iterator[Values]:
    """Poisson(1) weights of users in blocks of shape (some draws, n_users); the same seed gives the same."""
    rng = np.random.default_rng(seed)
    table = _poisson_table()
    size = max(1, _BLOCK_CELLS // max(1, n_users))
    for start in range(0, n_draws, size):
        shape = (min(size, n_draws - start), n_users)
        yield table[rng.integers(0, 2**_BITS, shape, dtype=np.uint16)]


def _poisson_table() -> Values:
    """Shape (2**16,): the weight for each value of 16 random bits; right to 1 in 65,536, and five times as fast."""
    chance = np.array([math.exp(-1) / math.factorial(n) for n in range(12)])
    weight = np.searchsorted(np.cumsum(chance), (np.arange(2**_BITS) + 0.5) / 2**_BITS)
    return np.asarray(weight, dtype=np.float64)


def _ends(drawn: Values, confidence: float) -> tuple[float, float]:
    tail = (1.0 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1.0 - tail])
    return float(low), float(high)


def _relative(value: npt.ArrayLike, base: npt.ArrayLike) -> Values:
    value, base = np.asarray(value, np.float64), np.asarray(base, np.float64)
    from_nothing = np.where(value > 0, MOST_RELATIVE, 0.0)
    ratio = np.divide(value, base, out=np.ones_like(value), where=base > 0)
    return np.asarray(np.where(base > 0, np.minimum(ratio - 1.0, MOST_RELATIVE), from_nothing))


def _divided(total: Values, count: npt.NDArray[Any]) -> Values:
    empty = np.full(total.shape, np.nan)
    return np.asarray(np.divide(total, count, out=empty, where=count > 0))
