"""How much an item is bought of late, against its own longer run."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.popularity import decayed_days

PRIOR_SHARE = 0.1
"""Purchases a day that every item is given, of an average item's: what is hardly ever bought has no trend to see."""


@dataclass(frozen=True)
class ItemTrend:
    """(Purchases a day of late / purchases a day of a longer run) to a power.

    Attributes
    ----------
    half_life_days, base_half_life_days
        Of the two decayed rates, in days. Each is a mean over the days that the log has, so that they are comparable
        also where it is younger than the longer run.
    power
        0: no trend, 1: the plain ratio. Between them a ratio of few purchases is believed by half.
    """

    half_life_days: float
    base_half_life_days: float
    power: float

    def check(self, source: str) -> None:
        """Refuse what gives no trend; `power` may be 0.

        Raises
        ------
        ModelError
            If a half-life is not above 0, the power is negative, or the late one is not the shorter.
        """
        check_at_least(source, TINY, trend_half_life_days=self.half_life_days)
        check_at_least(source, self.half_life_days, trend_base_half_life_days=self.base_half_life_days)
        check_at_least(source, 0, trend_power=self.power)

    def of(self, history: History) -> npt.NDArray[np.float32]:
        """Shape (n_items,), float32, above 0: 1 for an item that is bought as it always was."""
        late = _rate(history, self.half_life_days)
        base = _rate(history, self.base_half_life_days)
        prior = PRIOR_SHARE * base.mean()
        if self.power == 0 or prior == 0:
            return np.ones(len(history.items), dtype=np.float32)
        return np.asarray(((late + prior) / (base + prior)) ** self.power, dtype=np.float32)


def _rate(history: History, half_life_days: float) -> npt.NDArray[np.float64]:
    """Shape (n_items,): purchases a day, the days weighted by their age."""
    decayed = np.bincount(history.item, decayed_days(history, half_life_days), minlength=len(history.items))
    n_days = int(history.age.max(initial=0)) + 1
    all_days = (1 - np.exp2(-n_days / half_life_days)) / (1 - np.exp2(-1 / half_life_days))
    return np.asarray(decayed / all_days, dtype=np.float64)
