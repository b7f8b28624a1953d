"""When each item could be come across, and how often each user could have come across it."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import Positions
from jobs.datasets.past import NEVER, Catalogue


@dataclass(frozen=True)
class OnSale:
    """Days on which each item was on sale, both ends included, in days before the cut.

    Attributes
    ----------
    first_age
        Shape (n_items,), int32: -1 for an item that nobody met yet.
    last_age
        Shape (n_items,), int32: 0 for an item that is still on sale at the cut.
    """

    first_age: Positions
    last_age: Positions

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """From its first to its last event; an available item is on sale until the cut, whoever met it."""
        never = catalogue.first_age >= NEVER
        first_age = np.where(never, -1, catalogue.first_age).astype(np.int32)
        last_age = np.where(catalogue.is_available | never, 0, catalogue.last_age).astype(np.int32)
        return cls(first_age, last_age)

    def opportunities(self, until_age: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Impressions that a user had while an item was on sale: what the item competed for.

        Parameters
        ----------
        until_age
            Shape (n_users, n_ages + 1), float32: impressions of days less than so many days before the cut.

        Returns
        -------
        ndarray
            Shape (n_users, n_items), float32.
        """
        oldest = until_age.shape[1] - 1
        return until_age[:, np.minimum(self.first_age + 1, oldest)] - until_age[:, np.minimum(self.last_age, oldest)]
