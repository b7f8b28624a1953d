"""Challenger and champion are drawn together: what makes users hard for both cancels out."""

import numpy as np
import pytest

from jobs.evaluation.comparison import Comparison, Resampling
from jobs.evaluation.drawn import DrawnProbability
from jobs.evaluation.gate import decide
from jobs.evaluation.gate_rules import GateRules
from jobs.evaluation.paired_predictions import compare_predictions

HOW = Resampling(n_draws=200)
RULES = GateRules(metric="auc", margin=0.02, group_margin=0.1)
N = 1_500


def users(noise: float) -> DrawnProbability:
    rng = np.random.default_rng(5)
    odds = rng.normal(size=N)
    label = (rng.random(N) < 1 / (1 + np.exp(-2 * odds))).astype(np.float64)
    return DrawnProbability.of(label, 1 / (1 + np.exp(-odds - noise * rng.normal(size=N))), 0.1)


def compared(new: DrawnProbability, old: DrawnProbability) -> Comparison:
    found = compare_predictions(new, old, "auc", {"country.NL": np.arange(N // 2)}, HOW)
    assert found is not None
    return found


def decided(new: DrawnProbability, old: DrawnProbability) -> bool:
    metrics = [{**each.draw(np.ones(N)), "distinct_scores": float(N)} for each in (new, old)]
    return decide(metrics[0], metrics[1], RULES, compared(new, old)).promote


def test_the_same_prediction_differs_by_nothing_and_passes() -> None:
    same = compared(users(0.3), users(0.3))
    assert (same.metrics["auc"].low, same.metrics["auc"].high) == (0, 0)
    assert decided(users(0.3), users(0.3))


def test_a_worse_one_is_found_where_intervals_of_each_alone_overlap() -> None:
    worse, better = users(0.6), users(0.0)
    pair = compared(worse, better).metrics["auc"]
    alone = [each.draw(np.ones(N))["auc"] for each in (worse, better)]
    assert pair.difference == pytest.approx(alone[0] - alone[1])
    assert pair.low < pair.difference < pair.high < 0
    assert not decided(worse, better)
    assert decided(better, worse)


def test_a_group_is_compared_on_its_users_with_a_wider_interval() -> None:
    found = compared(users(0.6), users(0.0))
    group = found.groups["country.NL"]
    assert group.n_users == N // 2
    assert group.paired.high - group.paired.low > found.metrics["auc"].high - found.metrics["auc"].low


def test_other_users_are_refused() -> None:
    some = users(0.0).take(np.arange(10))
    with pytest.raises(ValueError, match="same users"):
        compare_predictions(users(0.0), some, "auc", {}, HOW)


def test_nobody_is_compared_where_one_class_only_is_there() -> None:
    one = DrawnProbability.of(np.ones(60), np.linspace(0.1, 0.9, 60), 0.1)
    assert compare_predictions(one, one, "auc", {}, HOW) is None
