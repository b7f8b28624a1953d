"""What is bought more than usual, by many: one order for everybody."""

import numpy as np

from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.popularity import popularity_share
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays


class Trending(Source):
    """Popularity of late times what its trend is above 1: much bought, and more than in its longer run.

    What is bought as usual or less has no score.

    Parameters
    ----------
    half_life_days, base_half_life_days
        Of popularity of late and of the longer run that it is held against; see `ItemTrend`.
    """

    name = "trending"
    needs_history = False
    reason = "trending"

    _heat: Scores

    def __init__(self, half_life_days: float = 5.0, base_half_life_days: float = 30.0) -> None:
        check_at_least(self.name, TINY, half_life_days=half_life_days)
        check_at_least(self.name, half_life_days, base_half_life_days=base_half_life_days)
        self.half_life_days = half_life_days
        self.base_half_life_days = base_half_life_days

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {"half_life_days": self.half_life_days, "base_half_life_days": self.base_half_life_days}

    def _fit(self, past: Past) -> None:
        share = popularity_share(past.history, self.half_life_days, self.name)
        trend = ItemTrend(self.half_life_days, self.base_half_life_days, power=1.0).of(past.history)
        rise = np.maximum(trend - 1, 0)
        # The last bits of a nearly zero share are no trend.
        self._heat = np.where(share > share.max() * 1e-6, share * rise, 0).astype(np.float32)

    def _score(self, history: History) -> Scores:
        return np.tile(self._heat, (len(history.users), 1))

    def _arrays(self) -> Arrays:
        return {"heat": self._heat}

    def _restore(self, arrays: Arrays) -> None:
        self._heat = arrays["heat"]
