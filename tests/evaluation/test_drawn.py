"""Weighted metrics are those of users who stand there as often as they weigh."""

import numpy as np
import pytest

from jobs.evaluation.amounts import compute_gini
from jobs.evaluation.classification import compute_classification
from jobs.evaluation.drawn import Drawn, DrawnAmount, DrawnProbability

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
    precision = found.pop("precision_at_budget")
    labels, predictions = np.repeat(label, copies), np.repeat(told, copies)
    assert found == pytest.approx(compute_classification(labels, predictions), abs=1e-9)
    assert precision == pytest.approx(slow_precision(labels, predictions, round(BUDGET * len(labels))))


def slow_precision(labels: np.ndarray, predictions: np.ndarray, n: int) -> float:
    """Share of positives among the highest n; of equal ones at the edge their share."""
    edge = np.sort(predictions)[-n]
    above, equal = predictions > edge, predictions == edge
    return (labels[above].sum() + (n - above.sum()) * labels[equal].mean()) / n


def test_an_amount_as_if_users_were_copied() -> None:
    label, told, weights = weighted()
    came = label * (1 + np.arange(len(label)) % 9)
    low, high = told / 2, told * 9
    found = DrawnAmount.of(came, told, low, high).draw(weights)
    amounts, expected, least, most = (np.repeat(each, weights.astype(int)) for each in (came, told, low, high))
    assert found == pytest.approx(
        {
            "gini": compute_gini(amounts, expected),
            "mae": np.abs(amounts - expected).mean(),
            "coverage": ((least <= amounts) & (amounts <= most)).mean(),
            "mean_predicted": expected.mean(),
            "mean_observed": amounts.mean(),
        },
        abs=1e-9,
    )


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
