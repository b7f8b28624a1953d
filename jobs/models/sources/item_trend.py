"""How much an item is bought of late, against its own longer run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History

PRIOR_SHARE = 0.1
"""Purchases a day that every item is given, of an average item's: what is hardly ever bought has no trend to see."""


@dataclass(frozen=True)
class ItemTrend:
    """Purchases a day of the last `short_days` over those of the last `long_days`.

    Attributes
    ----------
    short_days, long_days
        Lengths of the two windows, in days; both end with the cut.
    """

    short_days: float
    long_days: float

    def of(self, history: History) -> npt.NDArray[np.float32]:
        """Shape (n_items,), float32, above 0: 1 for an item that is bought as it always was."""
        short, long = (_daily(history, days) for days in (self.short_days, self.long_days))
        prior = PRIOR_SHARE * long.mean()
        if prior == 0:
            return np.ones(len(history.items), dtype=np.float32)
        return ((short + prior) / (long + prior)).astype(np.float32)


def _daily(history: History, days: float) -> npt.NDArray[np.float64]:
    counted = (history.goal > 0) & (history.age < days)
    return np.asarray(np.bincount(history.item[counted], minlength=len(history.items)) / days, dtype=np.float64)
