"""What the taste model believes of users and items: vectors with their uncertainty.

A user's vector: ``factors`` tastes, then one number per habit. An item's: its level, ``factors`` tastes, then one
number per step of the funnel.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.observed import STEPS
from jobs.models.sources.taste.symmetric import pack, packed_outer, packed_squares

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

HABITS = (*STEPS, "price", "back", "shown", "visits")
"""Of a user: logits of the three steps at a neutral taste; the slope of the logarithm of the price; logarithms of
returns to an owned item per visit, of impressions per visit, and of visits per day."""

LOG_RATE_RANGE = (-15.0, 10.0)
"""A logarithm beyond is a step that went astray; nothing has such a rate."""


@dataclass(frozen=True)
class UserBeliefs:
    """Gaussian beliefs of the users of one block; what is computed from them is kept, for a sweep needs it often.

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

    @property
    def factors(self) -> int:
        """Length of a taste."""
        return int(self.mean.shape[1]) - len(HABITS)

    @property
    def taste(self) -> Floats:
        """Shape (n_users, factors)."""
        return self.mean[:, : self.factors]

    @cached_property
    def taste_spread(self) -> Floats:
        """Shape (n_users, factors (factors + 1) / 2): packed covariance of the tastes."""
        return pack(self.covariance[:, : self.factors, : self.factors])

    @cached_property
    def taste_squares(self) -> Floats:
        """Shape (n_users, factors (factors + 1) / 2): see `packed_squares`."""
        return packed_squares(self.taste)

    @cached_property
    def pull(self) -> Singles:
        """The users' side of `log_pull`."""
        ones = np.ones((len(self.mean), 1))
        parts = [self.taste, self.taste_spread / 2, self.taste_squares / 2, ones]
        return np.concatenate(parts, axis=1).astype(np.float32)

    @cached_property
    def design(self) -> Floats:
        """Shape (n_users, factors + 1): what a logit has of an item's tastes at slope 1, and of its intercept."""
        return np.concatenate([self.taste, np.ones((len(self.mean), 1))], axis=1)

    @cached_property
    def design_squares(self) -> Floats:
        """Expected packed products of each row of `design` with itself."""
        width = self.factors + 1
        blur = np.zeros((len(self.mean), width, width))
        blur[:, :-1, :-1] = self.covariance[:, : self.factors, : self.factors]
        return packed_outer(self.design) + pack(blur)


@dataclass(frozen=True)
class ItemBeliefs:
    """Gaussian beliefs of all items; what is computed from them is kept, for each block of users needs it.

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

    @cached_property
    def squares(self) -> Floats:
        """Shape (n_items, factors (factors + 1) / 2): see `packed_squares`."""
        return packed_squares(self.vector)

    @cached_property
    def pull(self) -> Singles:
        """The items' side of `log_pull`."""
        parts = [self.vector, self.squares, self.spread, self.level[:, None]]
        return np.concatenate(parts, axis=1).astype(np.float32)

    @cached_property
    def loadings(self) -> Singles:
        """What impressions are summed with to learn of users: vectors, their expected products, their covariance."""
        parts = [self.vector, packed_outer(self.vector) + self.spread, self.spread]
        return np.concatenate(parts, axis=1).astype(np.float32)

    @cached_property
    def design(self) -> Floats:
        """Shape (n_items, factors + 2): what a logit has of a user's tastes at slope 1, and of two habits."""
        return np.concatenate([self.vector, np.ones((len(self.level), 1)), self.price[:, None]], axis=1)

    @cached_property
    def design_squares(self) -> Floats:
        """Packed products of each row of `design` with itself."""
        return packed_outer(self.design)


def log_pull(users: UserBeliefs, items: ItemBeliefs) -> npt.NDArray[np.float32]:
    """Logarithm of the expected pull of every item on every user, up to a number of the user.

    For x ~ N(m, V) and y ~ N(n, W), E exp(x'y) is about exp(m'n + n'Vn / 2 + m'Wm / 2): the mean of a log-normal
    in one of the two, for the mean of the other.

    Returns
    -------
    ndarray
        Shape (n_users, n_items), float32.
    """
    return np.asarray(users.pull @ items.pull.T, dtype=np.float32)
