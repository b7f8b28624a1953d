"""Makes the rows of users, whichever and wherever they are."""

from dataclasses import dataclass

import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.config import Settings
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Catalogue
from jobs.models.lists import Scores
from jobs.models.recommender import Recommender
from jobs.models.surfaces.given import SurfaceInput, listable
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
        Over the recommender's items; see `SurfaceInput`.
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
            Over the recommender's items.
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
        available = listable(self.catalogue, self.settings.lists.blocked)
        candidates = self.recommender.candidates(history, available)
        return build_user_rows(candidates, history.users, given, self.settings, self.model)
