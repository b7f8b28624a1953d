"""EASE: the linear item-to-item model with a closed form (Steck, 2019)."""

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.dense_solve import (
    Dense,
    add_product,
    damped_rows,
    invert_ridge,
    keep_strongest,
    weight_arrays,
    weights_from,
)
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least, check_catalogue
from jobs.models.sources.signal import Signal, checked_signal, signal_of
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays


class Ease(Source):
    """Weights B with an empty diagonal that make X B come closest to X, with a ridge; a user's score is history @ B.

    With P the inverse of X'X + ridge * I, B is ``-P / diag(P)``, column by column. X holds each user's decayed
    signals over the root of their sum.

    Parameters
    ----------
    ridge
        Added to the diagonal, above 0; in units of X'X.
    half_life_days
        After so many days an event counts half in X.
    history_half_life_days
        The same for the history that is scored.
    max_items
        Largest catalogue. Memory grows with its square and time with its cube: 6,000 items take 0.5 GB and a few
        seconds, 20,000 would take 5 GB and minutes.
    n_weights
        Weights kept for each item, at most.
    trend_half_life_days, trend_base_half_life_days, trend_power
        Of the `ItemTrend` that scores are multiplied with; power 0 for none.
    signal
        ``goal`` or ``interest``; see `Signal`.
    """

    name = "ease"
    reason = "like_your_taste"
    fit_effort = 20

    _weights: csr_matrix
    _trend_factor: Scores

    def __init__(
        self,
        ridge: float = 5.0,
        half_life_days: float = 120.0,
        history_half_life_days: float = 60.0,
        max_items: int = 6000,
        n_weights: int = 500,
        trend_half_life_days: float = 15.0,
        trend_base_half_life_days: float = 120.0,
        trend_power: float = 0.5,
        signal: Signal = "goal",
    ) -> None:
        check_at_least(self.name, TINY, ridge=ridge, half_life_days=half_life_days)
        check_at_least(self.name, TINY, history_half_life_days=history_half_life_days)
        check_at_least(self.name, 1, max_items=max_items, n_weights=n_weights)
        self.ridge = ridge
        self.half_life_days = half_life_days
        self.history_half_life_days = history_half_life_days
        self.max_items = max_items
        self.n_weights = n_weights
        self.trend = ItemTrend(trend_half_life_days, trend_base_half_life_days, trend_power)
        self.trend.check(self.name)
        self.signal: Signal = checked_signal(self.name, signal)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "ridge": self.ridge,
            "half_life_days": self.half_life_days,
            "history_half_life_days": self.history_half_life_days,
            "max_items": self.max_items,
            "n_weights": self.n_weights,
            "trend_half_life_days": self.trend.half_life_days,
            "trend_base_half_life_days": self.trend.base_half_life_days,
            "trend_power": self.trend.power,
            "signal": self.signal,
        }

    def _fit(self, past: Past) -> None:
        n_items = len(past.items)
        check_catalogue(self.name, n_items, self.max_items)
        matrix = damped_rows(past.history.matrix(signal_of(past.history, self.signal), self.half_life_days))
        if not matrix.nnz:
            raise ModelError(f"source 'ease': nobody has any '{self.signal}' up to {past.history.cut}")
        gram = np.zeros((n_items, n_items), dtype=np.float32)
        add_product(gram, matrix, matrix)
        self._weights = keep_strongest(self._closed_form(gram), self.n_weights)
        self._trend_factor = self.trend.of(past.history)

    def _closed_form(self, gram: Dense) -> Dense:
        weights = invert_ridge(gram, self.ridge, self.name)
        weights /= -np.diag(weights)
        np.fill_diagonal(weights, 0)
        return weights

    def _score(self, history: History) -> Scores:
        had = damped_rows(history.matrix(signal_of(history, self.signal), self.history_half_life_days))
        return np.asarray((had @ self._weights).toarray() * self._trend_factor, dtype=np.float32)

    def _arrays(self) -> Arrays:
        return {"trend_factor": self._trend_factor, **weight_arrays(self._weights)}

    def _restore(self, arrays: Arrays) -> None:
        self._trend_factor = arrays["trend_factor"]
        self._weights = weights_from(arrays)
