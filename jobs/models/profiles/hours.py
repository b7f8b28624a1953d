"""Counts by hour of the day as arrays; the clock is cut where the fewest are there."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

HOURS = 24


def counts_of(column: Any, size: int = HOURS) -> Floats:
    """Shape (n, size) from a column of lists; zeros where a user has none."""
    lists = [value if isinstance(value, list | np.ndarray) else np.zeros(size) for value in column]
    return np.array(lists, dtype=np.float64).reshape(len(lists), size)


def quietest_hour(hours: Floats) -> int:
    """Hour around which everybody together is there least; three hours count. ``hours`` is (n, 24)."""
    total = hours.sum(axis=0)
    around = total + np.roll(total, 1) + np.roll(total, -1)
    return int(np.argmin(around))


def clock(hours: Floats) -> Floats:
    """Shape (24,): middle of each hour, counted from the quietest one, so that evening and night lie side by side."""
    return np.asarray((np.arange(HOURS) - quietest_hour(hours)) % HOURS + 0.5, dtype=np.float64)
