"""Decayed popularity: one order of items for everybody."""

import numpy as np
import numpy.typing as npt

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays


class Popularity(Source):
    """Share of an item in the days on which users reached the goal, halved every so many days.

    A user counts once a day for an item, whatever the quantity: a big order is not a crowd.

    Parameters
    ----------
    half_life_days
        After so many days a user's day counts half. Short follows the season, long is steadier.
    """

    name = "popularity"
    needs_history = False
    reason = "popular"

    _share: Scores

    def __init__(self, half_life_days: float = 14.0) -> None:
        check_at_least(self.name, TINY, half_life_days=half_life_days)
        self.half_life_days = half_life_days

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {"half_life_days": self.half_life_days}

    def _fit(self, past: Past) -> None:
        self._share = popularity_share(past.history, self.half_life_days, self.name).astype(np.float32)

    def _score(self, history: History) -> Scores:
        return np.tile(self._share, (len(history.users), 1))

    def _arrays(self) -> Arrays:
        return {"share": self._share}

    def _restore(self, arrays: Arrays) -> None:
        self._share = arrays["share"]


def decayed_days(history: History, half_life_days: float) -> npt.NDArray[np.float64]:
    """Shape (n_rows,): what a row's day counts by now, 0 where the goal was not reached."""
    return np.asarray((history.goal > 0) * np.exp2(-history.age / half_life_days), dtype=np.float64)


def popularity_share(history: History, half_life_days: float, source: str) -> npt.NDArray[np.float64]:
    """Shape (n_items,): each item's part of all decayed days; they add up to 1.

    Raises
    ------
    ModelError
        If nobody reached the goal.
    """
    counted = np.bincount(history.item, decayed_days(history, half_life_days), minlength=len(history.items))
    if not counted.any():
        raise ModelError(f"source '{source}': nobody reached the goal up to {history.cut}; there is nothing to count")
    return np.asarray(counted / counted.sum(), dtype=np.float64)
