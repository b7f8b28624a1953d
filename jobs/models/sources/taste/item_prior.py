"""Prior of items: those of one category are alike, so that a new item starts as its category is."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.latent import Floats, ItemBeliefs
from jobs.models.sources.taste.observed import STEPS
from jobs.models.sources.taste.poisson_factors import Evidence
from jobs.models.sources.taste.symmetric import invert_each, pack, solve_each

LONGEST_STEP = 2.0
"""Of one Newton step of an item's numbers together."""

CATEGORY_PRIOR_ITEMS = 5.0
"""A category's mean level leans to that of all items as if so many more of them were average."""

SMALLEST_VARIANCE = 1e-3
CATEGORY_VARIANCE = 1e-2  # of a category's mean vector, at least, so that one category is possible
INTERCEPT_VARIANCE = 0.05
INTERCEPT_RANGE = (1e-3, 1.0)
"""Variance of an item's logits on top of the users', before the log has said it and at the least and most."""


@dataclass(frozen=True)
class ItemPrior:
    """What is believed of an item before any event.

    Attributes
    ----------
    category
        Shape (n_items,), int64: position of the item's category; items without one share one.
    level
        Shape (n_categories,).
    vector
        Shape (n_categories, factors).
    level_precision
        Inverse variance of levels within a category.
    vector_precision
        Shape (factors, factors): of vectors within a category.
    intercept_precision
        Shape (steps,): of intercepts, around 0.
    """

    category: npt.NDArray[np.int64]
    level: Floats
    vector: Floats
    level_precision: float
    vector_precision: Floats
    intercept_precision: Floats

    @classmethod
    def broad(cls, category: npt.NDArray[np.int64], items: ItemBeliefs) -> Self:
        """Before anything was learned: a wide one around the first guess of the items."""
        count = int(category.max()) + 1
        return cls(
            category=category,
            level=np.full(count, items.level.mean()),
            vector=np.zeros((count, items.factors)),
            level_precision=1.0,
            vector_precision=2 * np.eye(items.factors),
            intercept_precision=np.full(len(STEPS), 1 / INTERCEPT_VARIANCE),
        )

    def newton_step(self, items: ItemBeliefs, evidence: Evidence) -> tuple[ItemBeliefs, Floats]:
        """Beliefs after one Newton step; their covariance, shape (n_items, d, d) with d = 1 + factors + steps."""
        k = items.factors
        present = np.concatenate([items.level[:, None], items.vector, items.intercept], axis=1)
        usual = np.zeros_like(present)
        usual[:, 0], usual[:, 1 : k + 1] = self.level[self.category], self.vector[self.category]
        precision = self._precision()
        covariance = invert_each(evidence.curvature + precision)
        step = np.einsum("ikl,il->ik", covariance, evidence.gradient - (present - usual) @ precision)
        length = np.sqrt((step**2).sum(axis=1, keepdims=True))
        found = present + step * (LONGEST_STEP / np.maximum(length, LONGEST_STEP))
        beliefs = replace(
            items,
            level=found[:, 0],
            vector=found[:, 1 : k + 1],
            intercept=found[:, k + 1 :],
            spread=pack(covariance[:, 1 : k + 1, 1 : k + 1]),
        )
        return beliefs, covariance

    def learned(self, items: ItemBeliefs, covariance: Floats) -> Self:
        """The prior after one step of expectation maximisation."""
        k, n_items = items.factors, len(items.level)
        diagonal = np.einsum("ikk->ik", covariance)
        apart = items.level - self.level[self.category]
        level_variance = (apart @ apart + diagonal[:, 0].sum()) / n_items + SMALLEST_VARIANCE
        vector_precision = self._vector_precision(items, covariance[:, 1 : k + 1, 1 : k + 1])
        return replace(
            self,
            level=self._category_levels(items.level),
            vector=self._category_vectors(items.vector, vector_precision),
            level_precision=float(1 / level_variance),
            vector_precision=vector_precision,
            intercept_precision=self._intercept_precision(items.intercept, diagonal[:, k + 1 :]),
        )

    def _precision(self) -> Floats:
        k = len(self.vector_precision)
        precision = np.zeros((1 + k + len(STEPS), 1 + k + len(STEPS)))
        precision[0, 0] = self.level_precision
        precision[1 : k + 1, 1 : k + 1] = self.vector_precision
        precision[k + 1 :, k + 1 :] = np.diag(self.intercept_precision)
        return precision

    def _vector_precision(self, items: ItemBeliefs, covariance: Floats) -> Floats:
        apart = items.vector - self.vector[self.category]
        within = (apart.T @ apart + covariance.sum(axis=0)) / len(apart)
        return np.asarray(np.linalg.inv(within + SMALLEST_VARIANCE * np.eye(len(within))))

    def _category_levels(self, level: Floats) -> Floats:
        count = np.bincount(self.category, minlength=len(self.level))
        sums = np.bincount(self.category, level, minlength=len(self.level))
        return np.asarray((sums + CATEGORY_PRIOR_ITEMS * level.mean()) / (count + CATEGORY_PRIOR_ITEMS))

    def _category_vectors(self, vector: Floats, within: Floats) -> Floats:
        """Means of categories, each drawn around the mean of all as far as categories lie apart."""
        centre = vector.mean(axis=0)
        k, n_categories = len(centre), len(self.vector)
        apart = self.vector - centre
        between = np.linalg.inv(apart.T @ apart / n_categories + CATEGORY_VARIANCE * np.eye(k))
        count = np.bincount(self.category, minlength=n_categories)
        member = np.stack([np.bincount(self.category, column, minlength=n_categories) for column in vector.T], axis=1)
        return solve_each(between + count[:, None, None] * within, member @ within + between @ centre)

    def _intercept_precision(self, intercept: Floats, variance: Floats) -> Floats:
        """MacKay's (1992) update, which reaches a small variance in few steps where plain EM crawls."""
        told = (1 - self.intercept_precision * variance).sum(axis=0)
        least, most = 1 / INTERCEPT_RANGE[1], 1 / INTERCEPT_RANGE[0]
        return np.asarray((told / np.maximum((intercept**2).sum(axis=0), 1e-12)).clip(least, most))
