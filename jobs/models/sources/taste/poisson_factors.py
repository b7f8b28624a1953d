"""Impressions: Poisson factorisation with the opportunities of each user and item as exposure.

The number of impressions of item i by user u is Poisson with mean s_u O_ui exp(b_i + x_u'y_i), where O_ui counts what
u was shown while i was on sale (Gopalan, Hofman and Blei, 2015, with Gaussian instead of Gamma factors). With s_u at
its maximum the counts of a user are multinomial: only the shares of items tell of a taste.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from jobs.models.sources.taste.latent import Floats, ItemBeliefs, Singles, UserBeliefs, log_pull
from jobs.models.sources.taste.observed import Observed
from jobs.models.sources.taste.symmetric import Places, packed_outer, packed_places, unpack

TINY = 1e-12


@dataclass(frozen=True)
class Evidence:
    """Slope and negative curvature of a log-likelihood at the present mean, one row per user or item.

    Attributes
    ----------
    gradient
        Shape (n, k).
    packed
        Shape (n, k (k + 1) / 2): packed curvature, which is half as much to add up.
    """

    gradient: Floats
    packed: Floats

    @classmethod
    def none(cls, count: int, width: int) -> Self:
        """Of nothing, to be added to."""
        return cls(np.zeros((count, width)), np.zeros((count, width * (width + 1) // 2)))

    @property
    def curvature(self) -> Floats:
        """Shape (n, k, k)."""
        return unpack(self.packed, self.gradient.shape[1])

    def __add__(self, other: "Evidence") -> "Evidence":
        return Evidence(self.gradient + other.gradient, self.packed + other.packed)

    def add(self, other: "Evidence", places: Places) -> None:
        """Add, in place, what is about some of the numbers only; ``places`` says which, ascending."""
        self.gradient[:, places] += other.gradient
        self.packed[:, packed_places(places, self.gradient.shape[1])] += other.packed

    def scaled(self, by: Floats) -> "Evidence":
        """Of numbers that move the likelihood so many times as much; ``by`` has the shape (k,)."""
        return Evidence(self.gradient * by, self.packed * packed_outer(by[None]))


def expected_impressions(
    observed: Observed, opportunities: Singles, users: UserBeliefs, items: ItemBeliefs
) -> Singles:
    """Shape (n_users, n_items), float32: rows add up to the user's impressions."""
    expected = _pull(users, items)
    expected *= opportunities
    expected *= _scale(observed, expected.sum(axis=1))
    return expected


def scaled_pull(observed: Observed, opportunities: Singles, users: UserBeliefs, items: ItemBeliefs) -> Singles:
    """Shape (n_users, n_items), float32: impressions that a user's one opportunity with an item lets expect."""
    pull = _pull(users, items)
    pull *= _scale(observed, np.einsum("ui,ui->u", pull, opportunities))
    return pull


def _pull(users: UserBeliefs, items: ItemBeliefs) -> Singles:
    """Shape (n_users, n_items): up to a factor of the user."""
    pull = log_pull(users, items)
    # A number of the user; without it the exponential could overflow.
    pull -= pull.max(axis=1, keepdims=True)
    return np.asarray(np.exp(pull, out=pull))


def _scale(observed: Observed, total: Singles) -> Singles:
    """Shape (n_users, 1): what makes the totals the users' impressions."""
    return (observed.n_shown / np.maximum(total, TINY)).astype(np.float32)[:, None]


def taste_evidence(observed: Observed, expected: Singles, users: UserBeliefs, items: ItemBeliefs) -> Evidence:
    """What impressions say of the users' tastes, `factors` numbers."""
    k = items.factors
    sums = (expected @ items.loadings).astype(np.float64)
    first, second, blur = np.split(sums, [k, k + items.spread.shape[1]], axis=1)
    gradient = observed.shown_matrix @ items.vector - first
    gradient -= np.einsum("ukl,ul->uk", unpack(blur, k), users.taste)
    return Evidence(gradient, second - packed_outer(first) / np.maximum(observed.n_shown, TINY)[:, None])


def item_evidence(observed: Observed, expected: Singles, users: UserBeliefs, items: ItemBeliefs) -> Evidence:
    """What one block's impressions say of levels and vectors, 1 + `factors` numbers.

    The level counts as a taste that every user has to the degree of 1. So the first row of the packed curvature is
    that of the sums themselves, and the others are those of the tastes.
    """
    k = items.factors
    design = np.concatenate([np.ones((observed.n_users, 1)), users.taste], axis=1)
    loadings = np.concatenate([design, packed_outer(users.taste) + users.taste_spread, users.taste_spread], axis=1)
    sums = (expected.T @ loadings.astype(np.float32)).astype(np.float64)
    packed, blur = np.split(sums, [k + 1 + items.spread.shape[1]], axis=1)
    gradient = observed.shown_matrix.T @ design - packed[:, : k + 1]
    gradient[:, 1:] -= np.einsum("ikl,il->ik", unpack(blur, k), items.vector)
    return Evidence(gradient, packed)
