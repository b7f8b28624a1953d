"""Decayed popularity where the user is: in the country, and on the platform."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import PLACES, History, Ids
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.popularity import decayed_days, popularity_share
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays

Floats = npt.NDArray[np.float64]


class ContextPopularity(Source):
    """Share of an item overall, times how much larger it is in the user's country, times the same of the platform.

    The share in a place is drawn to the overall one by a Dirichlet prior (Zhai and Lafferty, 2004): a place with few
    days follows everybody. Where a user's place is not known, or new, its factor is 1.

    Parameters
    ----------
    half_life_days
        After so many days a user's day counts half.
    prior_days
        How many decayed days of users the overall share is worth in a place.
    """

    name = "popularity_in_context"
    needs_history = False
    reason = "popular_in_context"

    _share: Scores
    _places: Mapping[str, Ids]
    _lifts: Mapping[str, Scores]

    def __init__(self, half_life_days: float = 14.0, prior_days: float = 200.0) -> None:
        check_at_least(self.name, TINY, half_life_days=half_life_days, prior_days=prior_days)
        self.half_life_days = half_life_days
        self.prior_days = prior_days

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {"half_life_days": self.half_life_days, "prior_days": self.prior_days}

    def _fit(self, past: Past) -> None:
        history = past.history
        share = popularity_share(history, self.half_life_days, self.name)
        self._share = share.astype(np.float32)
        self._places = {kind: _known(history.places[kind]) for kind in PLACES}
        days = decayed_days(history, self.half_life_days)
        self._lifts = {
            kind: _lift(history, kind, names, days, share, self.prior_days) for kind, names in self._places.items()
        }

    def _score(self, history: History) -> Scores:
        scores = np.tile(self._share, (len(history.users), 1))
        for kind, names in self._places.items():
            place = np.searchsorted(names, history.places[kind])
            known = np.isin(history.places[kind], names)
            scores[known] *= self._lifts[kind][place[known]]
        return scores

    def _arrays(self) -> Arrays:
        places = {f"{kind}_names": names for kind, names in self._places.items()}
        lifts = {f"{kind}_lift": lift for kind, lift in self._lifts.items()}
        return {"share": self._share, **places, **lifts}

    def _restore(self, arrays: Arrays) -> None:
        self._share = arrays["share"]
        self._places = {kind: arrays[f"{kind}_names"] for kind in PLACES}
        self._lifts = {kind: arrays[f"{kind}_lift"] for kind in PLACES}


def _known(names: Ids) -> Ids:
    return np.unique(names[names != ""])


def _lift(history: History, kind: str, names: Ids, days: Floats, share: Floats, prior: float) -> Scores:
    """Shape (n_places, n_items), float32: the share in each place over the overall one; 1 where neither is there."""
    place_of_user = np.where(np.isin(history.places[kind], names), np.searchsorted(names, history.places[kind]), -1)
    place = place_of_user[history.user]
    placed = place >= 0
    cells = place[placed] * len(share) + history.item[placed]
    counted = np.bincount(cells, days[placed], minlength=len(names) * len(share)).reshape(len(names), len(share))
    there = (counted + prior * share) / (counted.sum(axis=1, keepdims=True) + prior)
    lift = np.divide(there, share, out=np.ones_like(there), where=share > 0)
    return np.asarray(lift, dtype=np.float32)
