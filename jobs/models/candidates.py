"""What a recommender says of users: some items each, with scores; lists of every surface are cut from it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import Ids, Positions
from jobs.models.lists import Scores


@dataclass(frozen=True)
class Candidates:
    """One row per user and item, in the order user, item.

    Attributes
    ----------
    items
        Shape (n_items,): ids, ascending.
    n_users
        Users that were asked about; one without candidates has no row.
    user, item
        Shape (n_rows,), int32: positions.
    score
        Shape (n_rows,), float32: the higher the better, over repeats and discoveries alike, within a user.
    discovery_score
        Shape (n_rows,), float32: the same where only items that the user never had compete.
    is_had
        Shape (n_rows,), bool: whether the user had reached the goal with the item before.
    source
        Shape (n_rows,), int16: position in `sources` of the one that speaks most for the item.
    sources
        Names of the candidate sources.
    """

    items: Ids
    n_users: int
    user: Positions
    item: Positions
    score: Scores
    discovery_score: Scores
    is_had: npt.NDArray[np.bool_]
    source: npt.NDArray[np.int16]
    sources: tuple[str, ...]

    @property
    def indptr(self) -> npt.NDArray[np.int64]:
        """Shape (n_users + 1,): rows of user u are ``indptr[u]:indptr[u + 1]``."""
        counts = np.bincount(self.user, minlength=self.n_users)
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
