"""Decayed popularity: one order of items for everybody."""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.lists import Scores
from jobs.models.protocol import Recommender
from jobs.models.storage import Arrays


class PopularityRecommender(Recommender):
    """Ranks by a weight per item, usually its decayed count; a user only loses what is excluded."""

    name = "popularity"
    needs_history = False

    _popularity: npt.NDArray[np.float32]

    @property
    def params(self) -> dict[str, float | int | str]:
        """None: the half-life belongs to the table that the weights come from."""
        return {}

    def _fit(self, interactions: Interactions, popularity: Scores) -> None:
        if not np.isfinite(popularity).all():
            raise ModelError("model 'popularity': the weight of an item is not finite; check item popularity")
        self._popularity = popularity

    def _score(self, history: csr_matrix) -> Scores:
        return np.broadcast_to(self._popularity, history.shape)

    def _arrays(self) -> Arrays:
        return {"popularity": self._popularity}

    def _restore(self, arrays: Arrays) -> None:
        self._popularity = arrays["popularity"]
