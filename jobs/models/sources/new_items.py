"""What has not been there for long: one order for everybody."""

import numpy as np

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.limits import TINY, check_at_least
from jobs.models.sources.popularity import decayed_days
from jobs.models.sources.source import Params, Source
from jobs.models.storage import Arrays

UNTOUCHED = 0.01
"""Days of a user that every new item starts with, so that one which nobody has touched is still shown, last."""


class NewItems(Source):
    """Decayed popularity among items first seen within so many days.

    What the catalogue names and nobody has touched is new too; a catalogue that comes without any such history at
    all, as on an app's first days, has no new items.

    Parameters
    ----------
    new_days
        An item is new for so long after its first event, in days.
    half_life_days
        After so many days a user's day with an item counts half.
    """

    name = "new_items"
    needs_history = False
    reason = "new"

    _freshness: Scores

    def __init__(self, new_days: int = 45, half_life_days: float = 7.0) -> None:
        check_at_least(self.name, 1, new_days=new_days)
        check_at_least(self.name, TINY, half_life_days=half_life_days)
        self.new_days = new_days
        self.half_life_days = half_life_days

    @property
    def params(self) -> Params:
        """Parameters of the constructor."""
        return {"new_days": self.new_days, "half_life_days": self.half_life_days}

    def _fit(self, past: Past) -> None:
        is_new = past.catalogue.first_seen_within(self.new_days)
        if not is_new.any():
            raise ModelError(f"source 'new_items': no item was first seen within {self.new_days} days of the cut")
        days = decayed_days(past.history, self.half_life_days)
        counted = np.bincount(past.history.item, days, minlength=len(past.items))
        self._freshness = np.where(is_new, counted + UNTOUCHED, 0).astype(np.float32)

    def _score(self, history: History) -> Scores:
        return np.tile(self._freshness, (len(history.users), 1))

    def _arrays(self) -> Arrays:
        return {"freshness": self._freshness}

    def _restore(self, arrays: Arrays) -> None:
        self._freshness = arrays["freshness"]
