"""Makes the rows of users, whichever and wherever they are."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.config import Settings
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Catalogue
from jobs.models.lists import Scores
from jobs.models.recommender import Recommender
from jobs.models.surfaces.anchors import Anchors
from jobs.models.surfaces.given import SurfaceInput, candidates_over, listable
from jobs.models.surfaces.rows import build_user_rows
from jobs.models.surfaces.rungs import RungLists


@dataclass(frozen=True)
class UserRows:
    """All that lists are made of but the users themselves: it can be sent to where their histories are.

    Attributes
    ----------
    recommender, model
        The champion and its content name.
    catalogue, neighbours, trending, rungs
        Of today, which may know items that the recommender does not; see `SurfaceInput`.
    settings
        Of the app.
    """

    recommender: Recommender
    model: str
    catalogue: Catalogue
    neighbours: csr_matrix | None
    trending: Scores | None
    rungs: RungLists
    settings: Settings

    def of(self, history: History, segments: Ids) -> pd.DataFrame:
        """The columns of `recommendations`, for the users of a history.

        Parameters
        ----------
        history
            Over the items of the catalogue.
        segments
            Shape (n_users,): the segment of each.
        """
        given = SurfaceInput(
            history=history,
            catalogue=self.catalogue,
            neighbours=self.neighbours,
            trending=self.trending,
            reason_of=self.recommender.reasons,
            segments=segments,
            rungs=self.rungs,
        )
        items = self.recommender.items
        available = listable(self.catalogue.aligned_to(items), self.settings.lists.blocked)
        answered = self.recommender.candidates(history.aligned_to(items), available)
        candidates = candidates_over(answered, self.catalogue.items)
        return build_user_rows(candidates, history.users, given, self.settings, self.model, self._anchors)

    @cached_property
    def _anchors(self) -> Anchors:
        """Made once, whatever the number of parts."""
        return Anchors(self.neighbours)
