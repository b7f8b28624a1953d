import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.evaluation.gate import count_distinct, decide
from jobs.evaluation.gate_rules import GateRules

RULES = GateRules(metric="ndcg_at_10", margin=0.05, floors={"coverage": 0.1})
GOOD = {"ndcg_at_10": 0.3, "coverage": 0.5, "distinct_scores": 100}


def test_the_first_model_needs_only_its_floors():
    decision = decide(GOOD, None, RULES)
    assert decision.promote
    assert decision.reason == "ndcg_at_10 is 0.3 and there is no champion to compare with"


def test_within_the_margin_it_is_promoted_and_the_reason_has_the_numbers():
    decision = decide(GOOD, {"ndcg_at_10": 0.31}, RULES)
    assert decision.promote
    assert "0.3, within the margin of 5.00% around the champion's 0.31 (limit 0.2945" in decision.reason
    assert decision.numbers == {
        "challenger_coverage": 0.5,
        "challenger_distinct_scores": 100,
        "challenger_ndcg_at_10": 0.3,
        "champion_ndcg_at_10": 0.31,
        "floor_coverage": 0.1,
        "limit": pytest.approx(0.2945),
        "margin": 0.05,
    }


def test_outside_the_margin_it_is_refused():
    decision = decide(GOOD, {"ndcg_at_10": 0.4}, RULES)
    assert not decision.promote
    assert "outside the margin" in decision.reason


def test_a_lower_metric_can_be_the_better_one():
    rules = GateRules(metric="log_loss", margin=0.1, better="lower")
    for new, promote in ((0.54, True), (0.56, False), (0.1, True)):
        assert decide({"log_loss": new, "distinct_scores": 9}, {"log_loss": 0.5}, rules).promote is promote


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"coverage": 0.05}, "coverage is 0.05, below its floor of 0.1"),
        ({"ndcg_at_10": math.nan}, "the challenger's ndcg_at_10 is not a number"),
        ({"coverage": math.inf}, "the challenger's coverage is not a number"),
        ({"distinct_scores": 1}, "the challenger gives 1 different scores, at least 2 are asked for"),
    ],
)
def test_broken_rules_refuse_with_or_without_a_champion(change, reason):
    for champion in (None, {"ndcg_at_10": 0.01}):
        decision = decide({**GOOD, **change}, champion, RULES)
        assert (decision.promote, decision.reason) == (False, reason)


def test_a_metric_that_was_not_measured_refuses():
    assert decide({"ndcg_at_10": 1.0}, None, RULES).reason == "the challenger was measured without coverage"


def test_a_champion_without_a_number_is_no_bar():
    assert decide(GOOD, {"ndcg_at_10": math.nan}, RULES).promote


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1), st.sampled_from(["higher", "lower"]))
def test_equal_or_better_is_always_promoted(new, old, margin, better):
    rules = GateRules(metric="m", margin=margin, better=better)
    if new >= old if better == "higher" else new <= old:
        assert decide({"m": new, "distinct_scores": 5}, {"m": old}, rules).promote


def test_distinct_scores_leave_out_what_is_not_finite():
    assert count_distinct(np.array([[1.0, 1.0], [np.nan, -np.inf]])) == 1
