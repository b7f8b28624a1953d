"""Impressions: Poisson factorisation with the opportunities of each user and item as exposure.

The number of impressions of item i by user u is Poisson with mean s_u O_ui exp(b_i + x_u'y_i), where O_ui counts what
u was shown while i was on sale (Gopalan, Hofman and Blei, 2015, with Gaussian instead of Gamma factors). With s_u at
its maximum the counts of a user are multinomial: only the shares of items tell of a taste.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.latent import Floats, ItemBeliefs, UserBeliefs, log_pull
from jobs.models.sources.taste.observed import Observed
from jobs.models.sources.taste.symmetric import pack, packed_outer, unpack

TINY = 1e-12


@dataclass(frozen=True)
class Evidence:
    """Slope and negative curvature of a log-likelihood at the present mean, one row per user or item.

    Attributes
    ----------
    gradient
        Shape (n, k).
    curvature
        Shape (n, k, k).
    """

    gradient: Floats
    curvature: Floats

    @classmethod
    def none(cls, count: int, width: int) -> Self:
        """Of nothing, to be added to."""
        return cls(np.zeros((count, width)), np.zeros((count, width, width)))

    def add(self, other: "Evidence", places: npt.NDArray[np.int64]) -> None:
        """Add, in place, what is about some of the numbers only; ``places`` says which, ascending."""
        self.gradient[:, places] += other.gradient
        self.curvature[:, places[:, None], places] += other.curvature


def expected_impressions(
    observed: Observed, opportunities: npt.NDArray[np.float32], users: UserBeliefs, items: ItemBeliefs
) -> npt.NDArray[np.float32]:
    """Shape (n_users, n_items), float32: rows add up to the user's impressions."""
    expected = scaled_pull(observed, opportunities, users, items)
    expected *= opportunities
    return expected


def scaled_pull(
    observed: Observed, opportunities: npt.NDArray[np.float32], users: UserBeliefs, items: ItemBeliefs
) -> npt.NDArray[np.float32]:
    """Shape (n_users, n_items), float32: impressions that a user's one opportunity with an item lets expect."""
    pull = log_pull(users, items)
    # A number of the user; without it the exponential could overflow.
    pull -= pull.max(axis=1, keepdims=True)
    np.exp(pull, out=pull)
    total = np.einsum("ui,ui->u", pull, opportunities)
    pull *= (observed.n_shown / np.maximum(total, TINY)).astype(np.float32)[:, None]
    return pull


def taste_evidence(
    observed: Observed, expected: npt.NDArray[np.float32], users: UserBeliefs, items: ItemBeliefs
) -> Evidence:
    """What impressions say of the users' tastes; shapes (n_users, factors) and (n_users, factors, factors)."""
    k = items.factors
    loadings = np.concatenate([items.vector, packed_outer(items.vector) + items.spread, items.spread], axis=1)
    sums = (expected @ loadings.astype(np.float32)).astype(np.float64)
    first, second, blur = np.split(sums, [k, k + items.spread.shape[1]], axis=1)
    share = first / np.maximum(observed.n_shown, TINY)[:, None]
    gradient = observed.shown_matrix @ items.vector - first
    gradient -= np.einsum("ukl,ul->uk", unpack(blur, k), users.mean[:, :k])
    return Evidence(gradient, unpack(second, k) - first[:, :, None] * share[:, None, :])


def item_evidence(
    observed: Observed, expected: npt.NDArray[np.float32], users: UserBeliefs, items: ItemBeliefs
) -> Evidence:
    """What one block's impressions say of levels and vectors; shapes (n_items, 1 + factors) and its square."""
    k = items.factors
    ones = np.ones((observed.n_users, 1))
    design = np.concatenate([ones, users.mean[:, :k]], axis=1)
    spread = np.zeros((observed.n_users, k + 1, k + 1))
    spread[:, 1:, 1:] = users.covariance[:, :k, :k]
    blur = pack(spread)
    loadings = np.concatenate([design, packed_outer(design) + blur, blur], axis=1)
    sums = (expected.T @ loadings.astype(np.float32)).astype(np.float64)
    first, second, third = np.split(sums, [k + 1, k + 1 + blur.shape[1]], axis=1)
    present = np.concatenate([items.level[:, None], items.vector], axis=1)
    gradient = observed.shown_matrix.T @ design - first
    gradient -= np.einsum("ikl,il->ik", unpack(third, k + 1), present)
    return Evidence(gradient, unpack(second, k + 1))
