"""Slopes and curvatures of the likelihoods against differences of the likelihoods themselves."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammaln
from taste_worlds import past_of, planted_events

from jobs.models.sources.taste.funnel import Step, item_step_evidence, measure_step, user_step_evidence
from jobs.models.sources.taste.latent import HABITS, ItemBeliefs, UserBeliefs
from jobs.models.sources.taste.observed import STEPS, find_steps, observe
from jobs.models.sources.taste.on_sale import OnSale
from jobs.models.sources.taste.poisson_factors import expected_impressions, taste_evidence
from jobs.models.sources.taste.rhythm import rhythm_counts, rhythm_evidence

K = 3
SMALL = 1e-4


@pytest.fixture(scope="module")
def world():
    past = past_of([event for event in planted_events() if event[0] < "u012"])
    on_sale = OnSale.of(past.catalogue)
    observed = observe(past.history, on_sale, find_steps(past.history))
    rng = np.random.default_rng(5)
    n_users, n_items, width = observed.n_users, observed.n_items, K + len(HABITS)
    users = UserBeliefs(
        rng.normal(0, 0.5, (n_users, width)), np.zeros((n_users, width, width)), np.ones((n_users, 1))
    )
    items = ItemBeliefs(
        level=rng.normal(0, 0.5, n_items),
        vector=rng.normal(0, 0.7, (n_items, K)),
        spread=np.zeros((n_items, K * (K + 1) // 2)),
        intercept=rng.normal(0, 0.3, (n_items, len(STEPS))),
        price=rng.normal(0, 0.5, n_items),
    )
    return observed, on_sale.opportunities(observed.by_age), users, items


def differences(likelihood, n, width):
    """Numerical slope and curvature, shapes (n, width), of a function of moves of all n rows at once."""
    slope, curvature = np.zeros((n, width)), np.zeros((n, width))
    middle = likelihood(np.zeros(width))
    for place in range(width):
        move = np.eye(width)[place] * SMALL
        up, down = likelihood(move), likelihood(-move)
        slope[:, place], curvature[:, place] = (up - down) / (2 * SMALL), (up - 2 * middle + down) / SMALL**2
    return slope, -curvature


def moved(users, move, places):
    mean = users.mean.copy()
    mean[:, places] += move
    return replace(users, mean=mean)


def test_impressions_are_multinomial_in_tastes(world):
    observed, opportunities, users, items = world

    def likelihood(move):
        pull = moved(users, move, np.arange(K)).mean[:, :K] @ items.vector.T + items.level
        with np.errstate(divide="ignore"):
            logs = pull - np.log((np.exp(pull) * opportunities).sum(axis=1, keepdims=True))
        return np.bincount(observed.user, observed.shown * logs[observed.user, observed.item])

    slope, curvature = differences(likelihood, observed.n_users, K)
    found = taste_evidence(observed, expected_impressions(observed, opportunities, users, items), users, items)
    assert found.gradient == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert np.einsum("ukk->uk", found.curvature) == pytest.approx(curvature, rel=1e-2, abs=1e-2)


@pytest.mark.parametrize("step", [Step(0, False, 0.4), Step(1, True, 0.7)])
def test_steps_are_logistic_in_users_and_items(world, step):
    observed, _, users, items = world
    tries = observed.steps[step.place]

    def per_pair(users, items):
        match = np.einsum("pk,pk->p", users.mean[tries.user, :K], items.vector[tries.item])
        logits = step.slope * match + users.habit(STEPS[step.place])[tries.user]
        logits = logits + items.intercept[tries.item, step.place]
        if step.has_price:
            logits = logits + users.habit("price")[tries.user] * items.price[tries.item]
        return tries.hits * logits - tries.tries * np.logaddexp(0, logits)

    places = step.user_places(K)
    slope, curvature = differences(
        lambda move: np.bincount(tries.user, per_pair(moved(users, move, places), items), minlength=observed.n_users),
        observed.n_users,
        len(places),
    )
    found = user_step_evidence(observed, users, items, step)
    assert found.gradient == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert np.einsum("ukk->uk", found.curvature) == pytest.approx(curvature, rel=1e-2, abs=1e-2)

    def of_items(move):
        intercept = items.intercept.copy()
        intercept[:, step.place] += move[K]
        there = replace(items, vector=items.vector + move[:K], intercept=intercept)
        return np.bincount(tries.item, per_pair(users, there), minlength=observed.n_items)

    slope, curvature = differences(of_items, observed.n_items, K + 1)
    found = item_step_evidence(observed, measure_step(tries, users, items, step), users, items, step)
    assert found.gradient == pytest.approx(slope, rel=1e-3, abs=1e-3)
    assert np.einsum("ikk->ik", found.curvature) == pytest.approx(curvature, rel=1e-2, abs=1e-2)


def test_rhythms_are_poisson_in_the_logarithm_of_their_rate(world):
    observed, _, users, _ = world
    days = observed.first_visit + 1.0
    for name, (happened, could) in rhythm_counts(observed, days).items():
        place = K + HABITS.index(name)

        def likelihood(move, happened=happened, could=could, place=place):
            mean = could * np.exp(users.mean[:, place] + move[0])
            return happened * np.log(np.maximum(mean, 1e-300)) - mean - gammaln(happened + 1)

        slope, curvature = differences(likelihood, observed.n_users, 1)
        found = rhythm_evidence(observed, users, days)
        assert found.gradient[:, place] == pytest.approx(slope[:, 0], rel=1e-3, abs=1e-3)
        assert found.curvature[:, place, place] == pytest.approx(curvature[:, 0], rel=1e-2, abs=1e-2)
