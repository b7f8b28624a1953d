"""What the taste model believes of users and items: vectors with their uncertainty.

A user's vector: ``factors`` tastes, then one number per habit. An item's: its level, ``factors`` tastes, then one
number per step of the funnel.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.observed import STEPS
from jobs.models.sources.taste.symmetric import pack, packed_squares

Floats = npt.NDArray[np.float64]

HABITS = (*STEPS, "price", "back", "shown", "visits")
"""Of a user: logits of the three steps at a neutral taste; the slope of the logarithm of the price; logarithms of
returns to an owned item per visit, of impressions per visit, and of visits per day."""

LOG_RATE_RANGE = (-15.0, 10.0)
"""A logarithm beyond is a step that went astray; nothing has such a rate."""


@dataclass(frozen=True)
class UserBeliefs:
    """Gaussian beliefs of the users of one block.

    Attributes
    ----------
    mean
        Shape (n_users, factors + habits).
    covariance
        Shape (n_users, factors + habits, factors + habits).
    segments
        Shape (n_users, n_segments): probability of each segment, rows add up to 1.
    """

    mean: Floats
    covariance: Floats
    segments: Floats

    def habit(self, name: str) -> Floats:
        """Shape (n_users,)."""
        return np.asarray(self.mean[:, self.mean.shape[1] - len(HABITS) + HABITS.index(name)])

    def rate(self, name: str) -> Floats:
        """Shape (n_users,), above 0: of a habit that is the logarithm of a rate."""
        return np.asarray(np.exp(self.habit(name).clip(*LOG_RATE_RANGE)))


@dataclass(frozen=True)
class ItemBeliefs:
    """Gaussian beliefs of all items.

    Attributes
    ----------
    level
        Shape (n_items,): logarithm of how often the item is shown for each time that it could be.
    vector
        Shape (n_items, factors): tastes.
    spread
        Shape (n_items, factors (factors + 1) / 2): packed covariance of the vector.
    intercept
        Shape (n_items, steps): logits on top of the user's.
    price
        Shape (n_items,): logarithm of the price over the usual one; 0 without a price.
    """

    level: Floats
    vector: Floats
    spread: Floats
    intercept: Floats
    price: Floats

    @property
    def factors(self) -> int:
        """Length of a vector."""
        return int(self.vector.shape[1])


def log_pull(users: UserBeliefs, items: ItemBeliefs) -> npt.NDArray[np.float32]:
    """Logarithm of the expected pull of every item on every user, up to a number of the user.

    For x ~ N(m, V) and y ~ N(n, W), E exp(x'y) is about exp(m'n + n'Vn / 2 + m'Wm / 2): the mean of a log-normal
    in one of the two, for the mean of the other.

    Returns
    -------
    ndarray
        Shape (n_users, n_items), float32.
    """
    k = items.factors
    taste = users.mean[:, :k]
    ones = np.ones((len(taste), 1))
    left = [taste, pack(users.covariance[:, :k, :k]) / 2, packed_squares(taste) / 2, ones]
    right = [items.vector, packed_squares(items.vector), items.spread, items.level[:, None]]
    of_users, of_items = (np.concatenate(parts, axis=1).astype(np.float32) for parts in (left, right))
    return np.asarray(of_users @ of_items.T, dtype=np.float32)
