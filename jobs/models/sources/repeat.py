"""What a user buys again, and when it is due."""

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.rebuys import PairGaps, mean_gaps, rebuy_share
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays

GAP_PRIOR = 5.0
"""Gaps that the overall mean is worth beside an item's or a user's own; else two days in a row rule."""

PAIR_PRIOR = 3.0
"""Gaps that the item's and the user's mean are worth beside those of the pair itself."""

LEAD_DAYS = 15.0
"""Added to both sides of the ratio of days: a week early or late is little, whatever the gap."""


class Repeat(Source):
    """Own decayed days with an item, times how often anybody comes back for it, times how due it is.

    Due follows a log-normal curve of the days since the last time over the days that are expected between two times,
    as repeat purchases of most products do (Bhagat et al., 2018, "Buy It Again: modeling repeat purchase
    recommendations"). What is expected is the pair's own mean gap, drawn to the geometric mean of the item's and the
    user's mean gaps.

    Parameters
    ----------
    half_life_days
        After so many days a day with an item counts half.
    rebuy_prior
        Users that the share of all items is worth beside an item's own share of users who came back.
    due_width
        Standard deviation of the log of the ratio: small trusts the gaps, large lets habit decide. 0: no due factor.
    trend_half_life_days, trend_base_half_life_days, trend_power
        Of the `ItemTrend` that scores are multiplied with; power 0 for none.
    """

    name = "repeat"
    reason = "buy_again"

    _share: Scores
    _item_gap: Scores
    _overall_gap: float
    _trend_factor: Scores

    def __init__(
        self,
        half_life_days: float = 120.0,
        rebuy_prior: float = 20.0,
        due_width: float = 1.5,
        trend_half_life_days: float = 15.0,
        trend_base_half_life_days: float = 120.0,
        trend_power: float = 0.7,
    ) -> None:
        check_at_least(self.name, TINY, half_life_days=half_life_days, rebuy_prior=rebuy_prior)
        check_at_least(self.name, 0, due_width=due_width)
        self.half_life_days = half_life_days
        self.rebuy_prior = rebuy_prior
        self.due_width = due_width
        self.trend = ItemTrend(trend_half_life_days, trend_base_half_life_days, trend_power)
        self.trend.check(self.name)

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {
            "half_life_days": self.half_life_days,
            "rebuy_prior": self.rebuy_prior,
            "due_width": self.due_width,
            "trend_half_life_days": self.trend.half_life_days,
            "trend_base_half_life_days": self.trend.base_half_life_days,
            "trend_power": self.trend.power,
        }

    def _fit(self, past: Past) -> None:
        pairs = PairGaps.of(past.history)
        n_gaps = int((pairs.n_days - 1).sum())
        if not n_gaps:
            raise ModelError(f"source 'repeat': nobody had an item on two days up to {past.history.cut}")
        n_items = len(past.items)
        self._overall_gap = float(pairs.span.sum() / n_gaps)
        self._item_gap = mean_gaps(pairs.item, n_items, pairs, self._overall_gap, GAP_PRIOR).astype(np.float32)
        self._share = rebuy_share(pairs, n_items, self.rebuy_prior).astype(np.float32)
        self._trend_factor = self.trend.of(past.history)

    def _score(self, history: History) -> Scores:
        pairs = PairGaps.of(history)
        own = history.matrix((history.goal > 0).astype(np.float32), self.half_life_days)
        factor = self._share[pairs.item] * self._trend_factor[pairs.item] * self._due_factor(pairs, history)
        weighted = csr_matrix((factor, (pairs.user, pairs.item)), shape=history.shape)
        return np.asarray(own.multiply(weighted).toarray(), dtype=np.float32)

    def _due_factor(self, pairs: PairGaps, history: History) -> Scores:
        if self.due_width == 0:
            return np.ones(len(pairs.user), dtype=np.float32)
        lateness = np.log((pairs.since + LEAD_DAYS) / (self._expected_gap(pairs, history) + LEAD_DAYS))
        return np.exp(-((lateness / self.due_width) ** 2) / 2).astype(np.float32)

    def _expected_gap(self, pairs: PairGaps, history: History) -> Scores:
        user_gap = mean_gaps(pairs.user, len(history.users), pairs, self._overall_gap, GAP_PRIOR)
        usual = np.sqrt(self._item_gap[pairs.item] * user_gap[pairs.user])
        expected = (pairs.span + PAIR_PRIOR * usual) / (pairs.n_days - 1 + PAIR_PRIOR)
        return expected.astype(np.float32)

    def _arrays(self) -> Arrays:
        return {
            "share": self._share,
            "item_gap": self._item_gap,
            "overall_gap": np.array(self._overall_gap),
            "trend_factor": self._trend_factor,
        }

    def _restore(self, arrays: Arrays) -> None:
        self._share = arrays["share"]
        self._item_gap = arrays["item_gap"]
        self._overall_gap = float(arrays["overall_gap"])
        self._trend_factor = arrays["trend_factor"]
