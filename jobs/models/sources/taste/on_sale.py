"""When each item could be come across, and how its pull changed over that time."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import Positions
from jobs.datasets.past import NEVER, Catalogue

Floats = npt.NDArray[np.float64]

LAUNCH_DAYS = np.array([1, 2, 4, 7, 11, 17, 25])
"""Ends of the bins of days since an item's launch, before which its pull differs from that of a settled item."""

KNOWN_START_DAYS = 3
"""An item first met within so many days of the log's own start was there before it: its launch is not known."""

MONTH_DAYS = 30.0
"""Unit of a trend."""


@dataclass(frozen=True)
class OnSale:
    """Days on which each item was on sale, both ends included, in days before the cut, and its pull on them.

    Attributes
    ----------
    first_age
        Shape (n_items,), int32: -1 for an item that nobody met yet.
    last_age
        Shape (n_items,), int32: 0 for an item that is still on sale at the cut.
    is_launch_known
        Shape (n_items,), bool: whether the log saw its launch.
    trend
        Shape (n_items,): change of the logarithm of its pull in a month.
    launch
        Shape (len(LAUNCH_DAYS),): logarithm of the pull of a new item over that of a settled one, by days since
        launch.
    """

    first_age: Positions
    last_age: Positions
    is_launch_known: npt.NDArray[np.bool_]
    trend: Floats
    launch: Floats

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """From its first to its last event; an available item is on sale until the cut. Pulls are even."""
        never = catalogue.first_age >= NEVER
        first_age = np.where(never, -1, catalogue.first_age).astype(np.int32)
        last_age = np.where(catalogue.is_available | never, 0, catalogue.last_age).astype(np.int32)
        oldest = int(first_age.max()) if len(first_age) else 0
        is_known = first_age <= oldest - KNOWN_START_DAYS
        return cls(first_age, last_age, is_known, np.zeros(len(first_age)), np.zeros(len(LAUNCH_DAYS)))

    def log_pull(self, age: npt.NDArray[np.integer] | Floats) -> Floats:
        """Shape (n_ages, n_items): logarithm of the pull over that of a settled item at the cut.

        Parameters
        ----------
        age
            Shape (n_ages,): days before the cut; below 0 after it.
        """
        curve = np.append(self.launch, 0.0)
        since = np.where(self.is_launch_known, self.first_age, NEVER)[None] - age[:, None]
        return curve[launch_bin(since)] - self.trend * (age[:, None] / MONTH_DAYS)

    def is_on(self, n_ages: int) -> npt.NDArray[np.bool_]:
        """Shape (n_ages, n_items): whether it was on sale so many days before the cut."""
        age = np.arange(n_ages)[:, None]
        return np.asarray((age <= self.first_age) & (age >= self.last_age))

    def opportunities(self, by_age: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Impressions that a user had while an item was on sale, weighted by its pull: what the item competed for.

        Parameters
        ----------
        by_age
            Shape (n_users, n_ages), float32: impressions so many days before the cut.

        Returns
        -------
        ndarray
            Shape (n_users, n_items), float32.
        """
        pull = self._pull_by_age[: by_age.shape[1]]
        return np.asarray(by_age[:, : len(pull)] @ pull)

    @cached_property
    def _pull_by_age(self) -> npt.NDArray[np.float32]:
        """Shape (ages, n_items): pull so many days before the cut, 0 while not on sale; earlier nothing was.

        Made once, for each block of users needs it.
        """
        ages = np.arange(int(self.first_age.max(initial=0)) + 1)
        return np.where(self.is_on(len(ages)), np.exp(self.log_pull(ages)), 0).astype(np.float32)


def launch_bin(days: npt.NDArray[np.integer] | Floats) -> npt.NDArray[np.int64]:
    """Position in `LAUNCH_DAYS` of so many days since launch; beyond the last, its length. Any shape."""
    return np.asarray(np.searchsorted(LAUNCH_DAYS, days, side="right"))
