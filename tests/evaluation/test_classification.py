import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from jobs.evaluation.classification import compute_calibration, compute_classification, compute_log_loss

probability = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])
pairs = st.lists(st.tuples(st.booleans(), probability), min_size=2).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


def compute(rows):
    return compute_classification([label for label, _ in rows], [p for _, p in rows])


@given(pairs)
def test_as_scikit_learn_also_with_ties(rows):
    labels, probabilities = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    made = compute_classification(labels, probabilities)
    assert made["auc"] == pytest.approx(metrics.roc_auc_score(labels, probabilities))
    assert made["average_precision"] == pytest.approx(metrics.average_precision_score(labels, probabilities))
    assert made["brier"] == pytest.approx(metrics.brier_score_loss(labels, probabilities))
    inside = np.clip(probabilities, 0.01, 0.99)
    assert compute_log_loss(labels, inside) == pytest.approx(metrics.log_loss(labels, inside))


@given(pairs, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    assert compute(rows) == pytest.approx(compute(shuffled))


@given(pairs)
def test_bounds(rows):
    made = compute(rows)
    assert 0 <= made["auc"] <= 1
    assert 0 <= made["ece"] <= 1
    assert 0 <= made["lift_top_decile"] <= 1 / made["mean_observed"] + 1e-9


def test_calibration_error_bin_by_bin():
    rng = np.random.default_rng(0)
    probabilities = rng.random(1003)
    labels = rng.random(1003) < probabilities**2
    total, ordered = 0.0, sorted(zip(probabilities.tolist(), labels.tolist(), strict=True))
    sizes = [101] * 3 + [100] * 7
    for size in sizes:
        part, ordered = ordered[:size], ordered[size:]
        total += abs(sum(p for p, _ in part) - sum(y for _, y in part))
    assert compute_classification(labels, probabilities)["ece"] == pytest.approx(total / 1003)
    assert compute_calibration(labels, probabilities).counts.tolist() == sizes


def test_a_certain_mistake_costs_much_but_not_infinitely():
    assert 30 < compute_log_loss(np.array([True, True]), np.array([0.0, 0.0])) < 40


def test_lift_of_a_perfect_and_of_a_constant_model():
    labels = np.arange(100) < 20
    assert compute_classification(labels, np.where(labels, 0.9, 0.1))["lift_top_decile"] == pytest.approx(5)
    assert compute_classification(labels, np.full(100, 0.2))["lift_top_decile"] == pytest.approx(1)


def test_a_constant_model_at_the_base_rate_is_calibrated():
    assert compute_classification(np.arange(100) < 20, np.full(100, 0.2))["ece"] == pytest.approx(0)


@pytest.mark.parametrize(
    ("labels", "probabilities", "message"),
    [
        ([1, 1], [0.5, 0.5], "both present; got"),
        ([0, 2], [0.5, 0.5], "must be 0 and 1"),
        ([], [], "both present"),
        ([0, 1], [0.5, 1.5], "between 0 and 1"),
        ([0, 1], [0.5, float("nan")], "none missing"),
        ([0, 1], [0.5], "labels have shape"),
    ],
)
def test_wrong_arguments_are_named(labels, probabilities, message):
    with pytest.raises(ValueError, match=message):
        compute_classification(labels, probabilities)
