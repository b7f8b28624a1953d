"""What goes into one basket: items that a user had on the same day."""

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.neighbours import neighbour_arrays, neighbours_from, neighbours_of_product
from jobs.models.sources.source import Params, Source
from jobs.models.sources.unit_lengths import unit_columns
from jobs.models.storage import Arrays


class Baskets(Source):
    """Score of an item: sum over what the user had of decayed days times how often both are in one basket.

    A basket is a user's day on which the goal was reached with two items or more. Likeness of two items is the
    cosine of their columns of baskets, where a basket of n items counts 1 / sqrt(n): a cart full of everything says
    little of any two of its items.

    Parameters
    ----------
    n_neighbours
        Items kept for each item, at most.
    half_life_days
        After so many days a basket counts half in likeness.
    history_half_life_days
        The same for what the user had.
    trend_half_life_days, trend_base_half_life_days, trend_power
        Of the `ItemTrend` that scores are multiplied with; power 0 for none.
    """

    name = "baskets"
    reason = "bought_together"

    neighbours: csr_matrix
    _trend_factor: Scores

    def __init__(
        self,
        n_neighbours: int = 200,
        half_life_days: float = 120.0,
        history_half_life_days: float = 90.0,
        trend_half_life_days: float = 15.0,
        trend_base_half_life_days: float = 120.0,
        trend_power: float = 1.0,
    ) -> None:
        check_at_least(self.name, 1, n_neighbours=n_neighbours)
        check_at_least(self.name, TINY, half_life_days=half_life_days, history_half_life_days=history_half_life_days)
        self.n_neighbours = n_neighbours
        self.half_life_days = half_life_days
        self.history_half_life_days = history_half_life_days
        self.trend = ItemTrend(trend_half_life_days, trend_base_half_life_days, trend_power)
        self.trend.check(self.name)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "n_neighbours": self.n_neighbours,
            "half_life_days": self.half_life_days,
            "history_half_life_days": self.history_half_life_days,
            "trend_half_life_days": self.trend.half_life_days,
            "trend_base_half_life_days": self.trend.base_half_life_days,
            "trend_power": self.trend.power,
        }

    def _fit(self, past: Past) -> None:
        baskets = basket_matrix(past.history, self.half_life_days)
        if not baskets.nnz:
            raise ModelError(f"source 'baskets': nobody had two items on one day up to {past.history.cut}")
        unit = unit_columns(baskets)
        self.neighbours = neighbours_of_product(unit, unit, self.n_neighbours)
        self._trend_factor = self.trend.of(past.history)

    def _score(self, history: History) -> Scores:
        had = history.matrix((history.goal > 0).astype(np.float32), self.history_half_life_days)
        return np.asarray((had @ self.neighbours).toarray() * self._trend_factor, dtype=np.float32)

    def _arrays(self) -> Arrays:
        return {"trend_factor": self._trend_factor, **neighbour_arrays(self.neighbours)}

    def _restore(self, arrays: Arrays) -> None:
        self._trend_factor = arrays["trend_factor"]
        self.neighbours = neighbours_from(arrays)


def basket_matrix(history: History, half_life_days: float) -> csr_matrix:
    """Shape (n_baskets, n_items), float64: one row per user and day, weighted by age and size; one item is none."""
    reached = history.only_goals()
    day = reached.user.astype(np.int64) * (int(reached.age.max(initial=0)) + 1) + reached.age
    _, basket, size = np.unique(day, return_inverse=True, return_counts=True)
    weight = np.exp2(-reached.age / half_life_days) / np.sqrt(size[basket])
    weight[size[basket] < 2] = 0
    matrix = csr_matrix((weight, (basket, reached.item)), shape=(len(size), len(history.items)))
    matrix.eliminate_zeros()
    return matrix
