"""What follows an impression: a logistic regression per step, on the same tastes.

logit P(step | try) = habit_u + intercept_i + slope x_u'y_i, and for one step a number of the user times the
logarithm of the price. Slopes are of the step; all else has a prior that is learned from the log.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.latent import HABITS, Floats, ItemBeliefs, UserBeliefs
from jobs.models.sources.taste.observed import STEPS, Observed, Tries
from jobs.models.sources.taste.poisson_factors import Evidence
from jobs.models.sources.taste.symmetric import pack, packed_outer, packed_squares, unpack

LARGEST_LOGIT = 30.0
"""Beyond it a chance is 0 or 1 to the last digit, and an exponential might overflow."""


@dataclass(frozen=True)
class Step:
    """One step of the funnel as the model sees it.

    Attributes
    ----------
    place
        Position in `STEPS`.
    has_price
        Whether the price counts here: where a thing is wanted, else where the goal is reached.
    slope
        How the match of tastes moves the logit.
    """

    place: int
    has_price: bool
    slope: float

    def user_places(self, factors: int) -> npt.NDArray[np.int64]:
        """Which of a user's numbers the logit depends on, ascending."""
        habits = [self.place, *([HABITS.index("price")] if self.has_price else [])]
        return np.concatenate([np.arange(factors), factors + np.array(habits)])

    def item_places(self, factors: int) -> npt.NDArray[np.int64]:
        """Which of an item's numbers the logit depends on, ascending."""
        return np.concatenate([1 + np.arange(factors), [1 + factors + self.place]])


def find_steps_of(has_step: npt.NDArray[np.bool_], slopes: Floats) -> list[Step]:
    """The steps that a log has."""
    priced = STEPS.index("wanted") if has_step[STEPS.index("wanted")] else STEPS.index("reached")
    return [Step(int(place), bool(place == priced), float(slopes[place])) for place in np.flatnonzero(has_step)]


@dataclass(frozen=True)
class Residuals:
    """What a step's tries say beyond what was expected, per row of `Tries`: shapes (n,).

    Attributes
    ----------
    match
        x_u'y_i, of the means.
    surprise
        Hits over their expected number.
    weight
        Variance of the hits.
    """

    match: Floats
    surprise: Floats
    weight: Floats


def measure_step(tries: Tries, users: UserBeliefs, items: ItemBeliefs, step: Step) -> Residuals:
    """Compare the tries of one block with what is believed."""
    match = _match(users, items)[tries.user, tries.item].astype(np.float64)
    logits = step.slope * match + users.habit(STEPS[step.place])[tries.user] + items.intercept[tries.item, step.place]
    if step.has_price:
        logits += users.habit("price")[tries.user] * items.price[tries.item]
    chance = _sigmoid(logits)
    return Residuals(match, tries.hits - tries.tries * chance, tries.tries * chance * (1 - chance))


def user_step_evidence(observed: Observed, users: UserBeliefs, items: ItemBeliefs, step: Step) -> Evidence:
    """What a step says of users, in their `Step.user_places`."""
    tries = observed.steps[step.place]
    found = measure_step(tries, users, items, step)
    ones = np.ones((len(items.level), 1))
    columns = [step.slope * items.vector, ones, *([items.price[:, None]] if step.has_price else [])]
    design = np.concatenate(columns, axis=1)
    curvature = observed.matrix(tries, found.weight) @ packed_outer(design)
    return Evidence(observed.matrix(tries, found.surprise) @ design, unpack(curvature, design.shape[1]))


def item_step_evidence(
    observed: Observed, found: Residuals, users: UserBeliefs, items: ItemBeliefs, step: Step
) -> Evidence:
    """What one block's tries say of items, in their `Step.item_places`."""
    tries, k = observed.steps[step.place], items.factors
    design = np.concatenate([step.slope * users.mean[:, :k], np.ones((observed.n_users, 1))], axis=1)
    blur = np.zeros((observed.n_users, k + 1, k + 1))
    blur[:, :k, :k] = step.slope**2 * users.covariance[:, :k, :k]
    curvature = observed.matrix(tries, found.weight).T @ (packed_outer(design) + pack(blur))
    return Evidence(observed.matrix(tries, found.surprise).T @ design, unpack(curvature, k + 1))


def slope_evidence(
    tries: Tries, found: Residuals, variance: npt.NDArray[np.float32], step: Step
) -> tuple[float, float]:
    """Gradient of the expected log-likelihood of one block in the step's slope, and the curvature to divide it by.

    Tastes are not known but believed; their variance, which the logit has ``slope ** 2`` times, holds the slope back.
    Otherwise slope and tastes would drive each other up. The curvature is that of the likelihood itself, without
    what is missing of the tastes, which takes far fewer steps than that of the expectation (Louis, 1982).

    Parameters
    ----------
    variance
        Shape (n_users, n_items), float32: `match_variance`.
    """
    missing = variance[tries.user, tries.item].astype(np.float64)
    gradient = found.surprise @ found.match - step.slope * (found.weight @ missing)
    return float(gradient), float(found.weight @ found.match**2)


def match_variance(users: UserBeliefs, items: ItemBeliefs) -> npt.NDArray[np.float32]:
    """Shape (n_users, n_items), float32: variance of the match of tastes, by its leading terms."""
    k = items.factors
    left = np.concatenate([pack(users.covariance[:, :k, :k]), packed_squares(users.mean[:, :k])], axis=1)
    right = np.concatenate([packed_squares(items.vector), items.spread], axis=1)
    return np.asarray(left.astype(np.float32) @ right.astype(np.float32).T)


def step_probability(users: UserBeliefs, items: ItemBeliefs, step: Step) -> npt.NDArray[np.float32]:
    """Shape (n_users, n_items), float32: chance that a try of a step succeeds."""
    logits = np.float32(step.slope) * _match(users, items) + items.intercept[:, step.place].astype(np.float32)
    logits += users.habit(STEPS[step.place]).astype(np.float32)[:, None]
    if step.has_price:
        logits += np.outer(users.habit("price"), items.price).astype(np.float32)
    return np.asarray(_sigmoid(logits), dtype=np.float32)


def _match(users: UserBeliefs, items: ItemBeliefs) -> npt.NDArray[np.float32]:
    return np.asarray(users.mean[:, : items.factors].astype(np.float32) @ items.vector.T.astype(np.float32))


def _sigmoid(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.asarray(1 / (1 + np.exp(-logits.clip(-LARGEST_LOGIT, LARGEST_LOGIT))))
