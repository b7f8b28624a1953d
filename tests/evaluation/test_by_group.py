import numpy as np
import pytest

from jobs.evaluation.comparison import Resampling
from jobs.evaluation.drawn import DrawnAmount, DrawnProbability
from jobs.evaluation.predictions import MIN_GROUP, MIN_RARE, compute_by_group, find_groups

HOW = Resampling(n_draws=200, confidence=0.95, seed=3)
USERS = np.arange(60)


def probability(positives: int) -> DrawnProbability:
    label = (np.arange(60) < positives).astype(np.float64)
    return DrawnProbability.of(label, np.random.default_rng(0).uniform(0.1, 0.9, 60) + label / 20, 0.1)


@pytest.mark.parametrize("positives", [0, 1, MIN_RARE - 1, 60 - MIN_RARE + 1, 60])
def test_a_group_with_hardly_any_of_one_class_is_not_told(positives: int) -> None:
    assert compute_by_group(probability(positives), {"country.FR": USERS}, HOW) == {}


@pytest.mark.parametrize("positives", [MIN_RARE, 60 - MIN_RARE])
def test_another_has_its_metrics_and_an_interval_around_each(positives: int) -> None:
    told = compute_by_group(probability(positives), {"country.FR": USERS}, HOW)
    assert told["country.FR.auc_low"] < told["country.FR.auc"] < told["country.FR.auc_high"]
    # So few say little: an interval that says much would be wrong.
    assert told["country.FR.auc_high"] - told["country.FR.auc_low"] > 0.2


def test_a_group_for_which_hardly_anything_came_is_not_told() -> None:
    came = np.where(np.arange(60) < MIN_RARE - 1, 9.0, 0.0)
    amount = DrawnAmount.of(came, np.arange(60.0), came, came)
    assert compute_by_group(amount, {"country.FR": USERS}, HOW) == {}


def test_groups_are_of_some_size_and_their_names_are_plain() -> None:
    names = ["a/b"] * MIN_GROUP + ["c"] * (MIN_GROUP - 1)
    assert {name: len(users) for name, users in find_groups({"country": names}).items()} == {"country.a_b": MIN_GROUP}
