"""What users did in the days after earlier cuts, learned from what they had done before: ridge regression."""

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.dense_solve import (
    add_product,
    damped_rows,
    keep_strongest,
    solve_ridge,
    weight_arrays,
    weights_from,
)
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least, check_catalogue
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays


class NextDays(Source):
    """Weights W that make (history before a cut) @ W come closest to what was reached after it, over several cuts.

    W solves ``(sum X'X + ridge * I) W = sum X'Y`` (Hoerl and Kennard, 1970): X holds the decayed days of users who
    came back after a cut, over the root of their sum, and Y a 1 for what they then reached the goal with. Unlike
    likeness of items, it tells what is bought next from what was bought along, and what is bought again from what is
    not. All cuts end a horizon or more before the end of the history, which is all that is read.

    Parameters
    ----------
    horizon_days
        Length of the days after a cut.
    n_cuts
        Cuts, at most; the newest is `horizon_days` before the end of the history.
    cut_step_days
        Days between two cuts.
    cut_half_life_days
        A cut that is so much older counts half: seasons move on.
    ridge
        Added to the diagonal, above 0; in units of X'X.
    half_life_days
        After so many days a day with an item counts half, in learning and in scoring.
    max_items
        Largest catalogue; see `Ease`.
    n_weights
        Weights kept for each item, at most.
    trend_half_life_days, trend_base_half_life_days, trend_power
        Of the `ItemTrend` that scores are multiplied with; power 0 for none.
    """

    name = "next_days"
    reason = "like_your_taste"
    fit_effort = 40

    _weights: csr_matrix
    _trend_factor: Scores

    def __init__(
        self,
        horizon_days: int = 31,
        n_cuts: int = 11,
        cut_step_days: int = 31,
        cut_half_life_days: float = 90.0,
        ridge: float = 5.0,
        half_life_days: float = 200.0,
        max_items: int = 6000,
        n_weights: int = 500,
        trend_half_life_days: float = 15.0,
        trend_base_half_life_days: float = 120.0,
        trend_power: float = 0.5,
    ) -> None:
        check_at_least(self.name, 1, horizon_days=horizon_days, n_cuts=n_cuts, cut_step_days=cut_step_days)
        check_at_least(self.name, 1, max_items=max_items, n_weights=n_weights)
        check_at_least(self.name, TINY, cut_half_life_days=cut_half_life_days, ridge=ridge)
        check_at_least(self.name, TINY, half_life_days=half_life_days)
        self.horizon_days = horizon_days
        self.n_cuts = n_cuts
        self.cut_step_days = cut_step_days
        self.cut_half_life_days = cut_half_life_days
        self.ridge = ridge
        self.half_life_days = half_life_days
        self.max_items = max_items
        self.n_weights = n_weights
        self.trend = ItemTrend(trend_half_life_days, trend_base_half_life_days, trend_power)
        self.trend.check(self.name)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "horizon_days": self.horizon_days,
            "n_cuts": self.n_cuts,
            "cut_step_days": self.cut_step_days,
            "cut_half_life_days": self.cut_half_life_days,
            "ridge": self.ridge,
            "half_life_days": self.half_life_days,
            "max_items": self.max_items,
            "n_weights": self.n_weights,
            "trend_half_life_days": self.trend.half_life_days,
            "trend_base_half_life_days": self.trend.base_half_life_days,
            "trend_power": self.trend.power,
        }

    def _fit(self, past: Past) -> None:
        n_items = len(past.items)
        check_catalogue(self.name, n_items, self.max_items)
        gram, target = (np.zeros((n_items, n_items), dtype=np.float32) for _ in range(2))
        for age, before, after in self._cuts(past.history):
            weight = 2.0 ** (-age / self.cut_half_life_days)
            add_product(gram, before, before, weight)
            add_product(target, before, after, weight)
        if not gram.any():
            raise ModelError(
                f"source 'next_days': nobody came back within {self.horizon_days} days of an earlier cut; the "
                f"history reaches back {int(past.history.age.max(initial=0))} days from {past.history.cut}"
            )
        self._weights = keep_strongest(solve_ridge(gram, target, self.ridge, self.name), self.n_weights)
        self._trend_factor = self.trend.of(past.history)

    def _cuts(self, history: History) -> Iterator[tuple[int, csr_matrix, csr_matrix]]:
        """Age of each cut; users who came back x items: decayed before it, and 1 for what was reached after it."""
        reached = history.only_goals()
        for n in range(self.n_cuts):
            cut_age = self.horizon_days + n * self.cut_step_days
            before = damped_rows(_decayed_before(reached, cut_age, self.half_life_days))
            after = _reached_after(reached, cut_age, self.horizon_days)
            came_back = (np.diff(before.indptr) > 0) & (np.diff(after.indptr) > 0)
            if came_back.any():
                yield cut_age, before[came_back], after[came_back]

    def _score(self, history: History) -> Scores:
        had = damped_rows(_decayed_before(history.only_goals(), 0, self.half_life_days))
        return np.asarray((had @ self._weights).toarray() * self._trend_factor, dtype=np.float32)

    def _arrays(self) -> Arrays:
        return {"trend_factor": self._trend_factor, **weight_arrays(self._weights)}

    def _restore(self, arrays: Arrays) -> None:
        self._trend_factor = arrays["trend_factor"]
        self._weights = weights_from(arrays)


def _decayed_before(reached: History, cut_age: int, half_life_days: float) -> csr_matrix:
    """Shape (n_users, n_items): days with an item up to the end of a cut, decayed to it."""
    counted = reached.age >= cut_age
    values = np.exp2(-(reached.age[counted] - cut_age) / half_life_days)
    return csr_matrix((values, (reached.user[counted], reached.item[counted])), shape=reached.shape)


def _reached_after(reached: History, cut_age: int, horizon_days: int) -> csr_matrix:
    """Shape (n_users, n_items): 1 for what was reached within the horizon after a cut."""
    counted = (reached.age < cut_age) & (reached.age >= cut_age - horizon_days)
    found = csr_matrix(
        (np.ones(int(counted.sum())), (reached.user[counted], reached.item[counted])), shape=reached.shape
    )
    found.sum_duplicates()
    found.data[:] = 1
    return found
