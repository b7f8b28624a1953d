"""What follows an impression: a logistic regression per step, on the same tastes.

logit P(step | try) = habit_u + intercept_i + slope x_u'y_i, and for one step a number of the user times the
logarithm of the price. Slopes are of the step; all else has a prior that is learned from the log.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.models.sources.taste.latent import HABITS, Floats, ItemBeliefs, Singles, UserBeliefs
from jobs.models.sources.taste.observed import STEPS, Observed, Tries
from jobs.models.sources.taste.poisson_factors import Evidence

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
        """Which of a user's numbers the logit may depend on, ascending; that of the price by 0 without one."""
        return np.concatenate([np.arange(factors), factors + np.array([self.place, HABITS.index("price")])])

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
    # Of the tries alone: few pairs of a user and an item were ever tried.
    match = np.einsum("pk,pk->p", users.taste.take(tries.user, axis=0), items.vector.take(tries.item, axis=0))
    logits = step.slope * match + users.habit(STEPS[step.place])[tries.user] + items.intercept[tries.item, step.place]
    if step.has_price:
        logits += users.habit("price")[tries.user] * items.price[tries.item]
    chance = _sigmoid(logits)
    return Residuals(match, tries.hits - tries.tries * chance, tries.tries * chance * (1 - chance))


def user_step_evidence(observed: Observed, users: UserBeliefs, items: ItemBeliefs, step: Step) -> Evidence:
    """What a step says of users, in their `Step.user_places`."""
    tries = observed.steps[step.place]
    found = measure_step(tries, users, items, step)
    at_slope_1 = Evidence(
        observed.matrix(tries, found.surprise) @ items.design,
        observed.matrix(tries, found.weight) @ items.design_squares,
    )
    return at_slope_1.scaled(np.array([*[step.slope] * items.factors, 1, step.has_price]))


def item_step_evidence(
    observed: Observed, found: Residuals, users: UserBeliefs, items: ItemBeliefs, step: Step
) -> Evidence:
    """What one block's tries say of items, in their `Step.item_places`."""
    tries = observed.steps[step.place]
    at_slope_1 = Evidence(
        observed.matrix(tries, found.surprise).T @ users.design,
        observed.matrix(tries, found.weight).T @ users.design_squares,
    )
    return at_slope_1.scaled(np.array([*[step.slope] * items.factors, 1]))


def slope_evidence(
    observed: Observed, found: Residuals, users: UserBeliefs, items: ItemBeliefs, step: Step
) -> tuple[float, float]:
    """Gradient of the expected log-likelihood of one block in the step's slope, and the curvature to divide it by.

    Tastes are not known but believed; the variance of their match, which the logit has ``slope ** 2`` times, holds
    the slope back. Otherwise slope and tastes would drive each other up. The curvature is that of the likelihood
    itself, without what is missing of the tastes, which takes far fewer steps than that of the expectation (Louis,
    1982).
    """
    weight = observed.matrix(observed.steps[step.place], found.weight)
    # The variance of a match is n'Vn + m'Wm by its leading terms. Summed over pairs, each is one product of tables.
    missing = np.vdot(weight @ items.squares, users.taste_spread) + np.vdot(
        weight @ items.spread, users.taste_squares
    )
    gradient = found.surprise @ found.match - step.slope * missing
    return float(gradient), float(found.weight @ found.match**2)


def step_probability(users: UserBeliefs, items: ItemBeliefs, step: Step) -> Singles:
    """Shape (n_users, n_items), float32: chance that a try of a step succeeds."""
    habits = np.stack([np.ones(len(users.mean)), users.habit(STEPS[step.place]), users.habit("price")], axis=1)
    of_items = np.stack(
        [items.intercept[:, step.place], np.ones(len(items.level)), items.price * step.has_price], axis=1
    )
    left = np.concatenate([step.slope * users.taste, habits], axis=1).astype(np.float32)
    right = np.concatenate([items.vector, of_items], axis=1).astype(np.float32)
    return np.asarray(_sigmoid(left @ right.T), dtype=np.float32)


def _sigmoid(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    # In place: there may be one for each user and item.
    odds = -logits
    np.clip(odds, -LARGEST_LOGIT, LARGEST_LOGIT, out=odds)
    np.exp(odds, out=odds)
    odds += 1
    return np.asarray(np.reciprocal(odds, out=odds))
