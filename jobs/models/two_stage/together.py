"""What is taken on the same day: how much a user's last day and whole history speak for an item."""

from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, diags

from jobs.datasets.history import History
from jobs.models.storage import Arrays
from jobs.models.two_stage.union import Pairs
from jobs.models.two_stage.user_features import last_age

HALF_LIFE_DAYS = 90.0  # of a day's basket: a season
SHRINK = 2.0  # baskets of a prior, so that one joint purchase of two rare items is no law
MOST_NEIGHBOURS = 100  # of an item; beyond them a cosine is noise
MOST_ITEMS_A_DAY = 200  # of a basket that counts; larger ones are wholesale and cost their square


class Together:
    """Cosine of items over baskets, a basket being what one user had on one day.

    Attributes
    ----------
    cosine
        Shape (n_items, n_items), float32: the nearest neighbours of each row's item, 0 for itself.
    """

    def __init__(self, cosine: csr_matrix) -> None:
        self.cosine = cosine

    @classmethod
    def fit(cls, history: History) -> Self:
        """Learn from the days of all users."""
        baskets = _baskets(history)
        joint = (baskets.T @ baskets).tocsr()
        joint.setdiag(0)
        joint.eliminate_zeros()
        weight = np.asarray(baskets.multiply(baskets).sum(axis=0)).ravel()
        norm = 1 / np.sqrt(weight + SHRINK)
        return cls(_nearest((diags(norm) @ joint @ diags(norm)).tocsr().astype(np.float32)))

    def columns(self, history: History, pairs: Pairs) -> dict[str, npt.NDArray[np.float32]]:
        """Sums of cosines of each candidate with the last day's items, and with all items had, faded by age.

        Returns
        -------
        dict
            Name to shape (n_rows,), float32.
        """
        goals = history.only_goals()
        latest = goals.age == last_age(history)[goals.user]
        last = csr_matrix(
            (np.ones(latest.sum(), np.float32), (goals.user[latest], goals.item[latest])), shape=history.shape
        )
        faded = goals.matrix(np.ones(len(goals.user), np.float32), HALF_LIFE_DAYS)
        return {
            "together_last": _at(last @ self.cosine, pairs),
            "together_ever": _at(faded @ self.cosine, pairs),
        }

    def arrays(self) -> Arrays:
        """What `restored` takes."""
        return {"data": self.cosine.data, "indices": self.cosine.indices, "indptr": self.cosine.indptr}

    @classmethod
    def restored(cls, arrays: Arrays) -> Self:
        """From what `arrays` gave."""
        n = len(arrays["indptr"]) - 1
        return cls(csr_matrix((arrays["data"], arrays["indices"], arrays["indptr"]), shape=(n, n)))


def _baskets(history: History) -> csr_matrix:
    """Shape (user days, n_items): 1 over the root of the size, faded by age; of two items at least."""
    goals = history.only_goals()
    _, day, size = np.unique(
        goals.user.astype(np.int64) * 100_000 + goals.age, return_inverse=True, return_counts=True
    )
    kept = (size[day] > 1) & (size[day] <= MOST_ITEMS_A_DAY)
    value = np.exp2(-goals.age[kept] / (2 * HALF_LIFE_DAYS)) / np.sqrt(size[day[kept]])
    return csr_matrix((value, (day[kept], goals.item[kept])), shape=(len(size), history.shape[1]))


def _nearest(cosine: csr_matrix) -> csr_matrix:
    """The largest entries of each row; equal ones by position."""
    cosine.sort_indices()
    row = np.repeat(np.arange(cosine.shape[0]), np.diff(cosine.indptr))
    order = np.lexsort((cosine.indices, -cosine.data, row))
    place = np.arange(len(row)) - cosine.indptr[row]
    kept = np.sort(order[place < MOST_NEIGHBOURS])
    return csr_matrix((cosine.data[kept], (row[kept], cosine.indices[kept])), shape=cosine.shape)


def _at(matrix: csr_matrix, pairs: Pairs) -> npt.NDArray[np.float32]:
    return np.asarray(matrix.toarray()[pairs.user, pairs.item], dtype=np.float32)
