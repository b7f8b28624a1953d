"""Weighted metrics are those of users who stand there as often as they weigh."""

import numpy as np
import pytest

from jobs.evaluation.amounts import compute_amounts
from jobs.evaluation.drawn import Drawn, DrawnAmount, DrawnProbability
from jobs.evaluation.predictions import compute_probability

BUDGET = 0.2


def weighted(n: int = 200, copies: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, predictions with many ties, and weights whose sum is a multiple of ten."""
    rng = np.random.default_rng(3)
    told = rng.integers(1, 40, n) / 40
    label = (rng.random(n) < told).astype(np.float64)
    return label, told, rng.integers(0, 3, n).astype(np.float64) * copies


def test_a_probability_as_if_users_were_copied() -> None:
    label, told, weights = weighted()
    found = DrawnProbability.of(label, told, BUDGET).draw(weights)
    copies = weights.astype(int)
    rows = compute_probability(np.repeat(label, copies), np.repeat(told, copies), BUDGET)
    # The plain one takes who comes first among equals; here a share of them counts.
    precision = {"precision_at_budget"}
    assert set(found) == set(rows)
    for name in set(rows) - precision:
        assert found[name] == pytest.approx(rows[name], abs=1e-9), name
    assert found["precision_at_budget"] == pytest.approx(rows["precision_at_budget"], abs=0.05)


def test_an_amount_as_if_users_were_copied() -> None:
    label, told, weights = weighted()
    came = label * (1 + np.arange(len(label)) % 9)
    low, high = told / 2, told * 9
    found = DrawnAmount.of(came, told, low, high).draw(weights)
    rows = compute_amounts(*(np.repeat(each, weights.astype(int)) for each in (came, told, low, high)))
    assert found == pytest.approx(rows, abs=1e-9)


@pytest.mark.parametrize("label", [np.zeros(4), np.ones(4)])
def test_one_class_is_refused(label: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one class"):
        DrawnProbability.of(label, np.linspace(0.1, 0.4, 4), BUDGET).draw(np.ones(4))


def test_some_of_the_users_are_judged_as_they_alone() -> None:
    label, told, _ = weighted()
    some = np.arange(0, len(label), 3)
    every: Drawn = DrawnProbability.of(label, told, BUDGET)
    alone = DrawnProbability.of(label[some], told[some], BUDGET)
    assert every.take(some).draw(np.ones(len(some))) == alone.draw(np.ones(len(some)))
