"""Items that the same users have: BM25 weights or plain ones, compared by cosine (Sarwar et al., 2001)."""

from typing import Literal, get_args

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.neighbours import neighbour_arrays, neighbours_from, neighbours_of_product
from jobs.models.sources.signal import Signal, checked_signal, signal_of
from jobs.models.sources.source import Params, Source
from jobs.models.sources.unit_lengths import unit_columns
from jobs.models.storage import Arrays
from jobs.models.weighting import Bm25

Similarity = Literal["bm25", "cosine"]


class ItemItem(Source):
    """Score of an item: sum over what the user had of decayed signal times likeness, and of the item itself.

    Likeness is the cosine of two items' columns of decayed signals of all users, weighted by BM25 or as they are.

    Parameters
    ----------
    similarity
        ``bm25`` or ``cosine``.
    n_neighbours
        Items kept for each item, at most.
    half_life_days
        After so many days an event counts half in likeness: long, for what belongs together changes slowly.
    history_half_life_days
        The same for what the user had: short says what the user is after now.
    self_weight
        What having had the item itself counts, 1 being the likeness of equals.
    trend_half_life_days, trend_base_half_life_days, trend_power
        Of the `ItemTrend` that scores are multiplied with; power 0 for none.
    bm25_k1, bm25_b
        Of `Bm25`. Not used with ``cosine``.
    signal
        ``goal`` or ``interest``; see `Signal`.
    """

    name = "item_item"
    reason = "because_you_had"

    neighbours: csr_matrix
    _trend_factor: Scores

    def __init__(
        self,
        similarity: Similarity = "bm25",
        n_neighbours: int = 200,
        half_life_days: float = 120.0,
        history_half_life_days: float = 180.0,
        self_weight: float = 1.0,
        trend_half_life_days: float = 15.0,
        trend_base_half_life_days: float = 120.0,
        trend_power: float = 0.0,
        bm25_k1: float = 100.0,
        bm25_b: float = 0.8,
        signal: Signal = "goal",
    ) -> None:
        if similarity not in get_args(Similarity):
            raise ModelError(
                f"source 'item_item': similarity must be one of {get_args(Similarity)}; got '{similarity}'"
            )
        check_at_least(self.name, 1, n_neighbours=n_neighbours)
        check_at_least(self.name, TINY, half_life_days=half_life_days, history_half_life_days=history_half_life_days)
        check_at_least(self.name, 0, self_weight=self_weight, bm25_b=bm25_b)
        check_at_least(self.name, TINY, bm25_k1=bm25_k1)
        self.similarity: Similarity = similarity
        self.n_neighbours = n_neighbours
        self.half_life_days = half_life_days
        self.history_half_life_days = history_half_life_days
        self.self_weight = self_weight
        self.trend = ItemTrend(trend_half_life_days, trend_base_half_life_days, trend_power)
        self.trend.check(self.name)
        self.bm25_k1 = bm25_k1
        self.bm25_b = bm25_b
        self.signal: Signal = checked_signal(self.name, signal)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "similarity": self.similarity,
            "n_neighbours": self.n_neighbours,
            "half_life_days": self.half_life_days,
            "history_half_life_days": self.history_half_life_days,
            "self_weight": self.self_weight,
            "trend_half_life_days": self.trend.half_life_days,
            "trend_base_half_life_days": self.trend.base_half_life_days,
            "trend_power": self.trend.power,
            "bm25_k1": self.bm25_k1,
            "bm25_b": self.bm25_b,
            "signal": self.signal,
        }

    def _fit(self, past: Past) -> None:
        history = past.history
        weights = history.matrix(signal_of(history, self.signal), self.half_life_days)
        if not weights.nnz:
            raise ModelError(f"source 'item_item': nobody has any '{self.signal}' up to {history.cut}")
        if self.similarity == "bm25":
            weights = Bm25.fit(weights, self.bm25_k1, self.bm25_b).transform(weights)
        unit = unit_columns(weights)
        self.neighbours = neighbours_of_product(unit, unit, self.n_neighbours)
        self._trend_factor = self.trend.of(history)

    def _score(self, history: History) -> Scores:
        had = history.matrix(signal_of(history, self.signal), self.history_half_life_days)
        scores = (had @ self.neighbours + np.float32(self.self_weight) * had).toarray()
        return np.asarray(scores * self._trend_factor, dtype=np.float32)

    def _arrays(self) -> Arrays:
        return {"trend_factor": self._trend_factor, **neighbour_arrays(self.neighbours)}

    def _restore(self, arrays: Arrays) -> None:
        self._trend_factor = arrays["trend_factor"]
        self.neighbours = neighbours_from(arrays)
