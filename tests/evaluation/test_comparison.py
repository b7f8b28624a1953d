import json
import math
from dataclasses import asdict

import numpy as np
import pytest

from jobs.evaluation.bootstrap import Paired, compare_pair
from jobs.evaluation.comparison import Comparison, Resampling, compare
from jobs.evaluation.groups import Group

HOW = Resampling(confidence=0.9, n_draws=300, seed=7)
GROUPS = (
    Group("all", np.arange(60)),
    Group("activity.light", np.arange(30)),
    Group("activity.heavy", np.arange(30, 60)),
)


def close_to(paired: Paired):
    """Sums of two and of four columns are rounded differently on some processors."""
    return pytest.approx(asdict(paired), rel=1e-9)


def methods():
    rng = np.random.default_rng(1)
    base = {"ndcg_at_10": rng.random(60), "recall_at_10": rng.random(60), "only_here": rng.random(60)}
    return {"ndcg_at_10": base["ndcg_at_10"] + 0.1, "recall_at_10": base["recall_at_10"]}, base


def test_all_users_by_every_shared_metric_and_groups_by_the_one_that_decides():
    challenger, champion = methods()
    found = compare(challenger, champion, "ndcg_at_10", GROUPS, HOW)
    assert list(found.metrics) == ["ndcg_at_10", "recall_at_10"]
    alone = compare_pair(challenger["ndcg_at_10"], champion["ndcg_at_10"], 300, 7, 0.9)
    assert asdict(found.metrics["ndcg_at_10"]) == close_to(alone)
    assert found.metrics["recall_at_10"].difference == 0
    assert {name: group.n_users for name, group in found.groups.items()} == {
        "activity.light": 30,
        "activity.heavy": 30,
    }


def test_users_without_a_history_are_in_no_comparison_of_all():
    challenger, champion = methods()
    some = (Group("all", np.arange(30)), *GROUPS[1:])
    found = compare(challenger, champion, "recall_at_10", some, HOW)
    assert found.n_users == 30
    assert found.metrics["recall_at_10"].value == pytest.approx(challenger["recall_at_10"][:30].mean())
    assert compare(challenger, champion, "recall_at_10", (), HOW).n_users == 60


def test_intervals_of_groups_are_wider_so_that_they_hold_together():
    challenger, champion = methods()
    rng = np.random.default_rng(2)
    challenger["ndcg_at_10"] = rng.random(60)
    light = compare(challenger, champion, "ndcg_at_10", GROUPS, HOW).groups["activity.light"].paired
    alone = compare_pair(challenger["ndcg_at_10"][:30], champion["ndcg_at_10"][:30], 300, 7, 0.9)
    assert light.low < alone.low
    assert light.high > alone.high
    wider = compare_pair(challenger["ndcg_at_10"][:30], champion["ndcg_at_10"][:30], 300, 7, 0.95)
    assert asdict(light) == close_to(wider)


def test_json_and_back():
    found = compare(*methods(), "ndcg_at_10", GROUPS, HOW)
    text = found.to_json("ndcg_at_10")
    assert Comparison.from_json(text, "ndcg_at_10") == found
    told = json.loads(text)
    assert told["n_users"] == 60
    assert told["groups"]["activity.light"]["ndcg_at_10"]["difference"] == pytest.approx(0.1)


def test_what_is_not_a_number_is_null_in_json():
    unknown = {"m_at_10": np.full(3, np.nan)}
    text = compare(unknown, unknown, "m_at_10", (), HOW).to_json("m_at_10")
    assert json.loads(text)["metrics"]["m_at_10"]["value"] is None
    assert math.isnan(Comparison.from_json(text, "m_at_10").metrics["m_at_10"].value)


@pytest.mark.parametrize("text", ["", "{}"])
def test_nothing_was_compared(text):
    assert Comparison.from_json(text, "ndcg_at_10") is None
