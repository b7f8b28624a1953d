"""The gate with evidence user by user: each rule with numbers written by hand."""

import math

import pytest

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.comparison import Comparison, GroupComparison
from jobs.evaluation.gate import decide
from jobs.evaluation.gate_evidence import is_not_worse
from jobs.evaluation.gate_rules import GateRules

METRIC = "ndcg_at_10"
RULES = GateRules(metric=METRIC, margin=0.02, group_margin=0.1)
CHALLENGER = {METRIC: 0.3, "distinct_scores": 100}
CHAMPION = {METRIC: 0.3}


def paired(relative, low, high, base=0.3):
    return Paired(base * (1 + relative), base, base * relative, base * low, base * high, relative, low, high)


def compared(relative, low, high, **groups):
    of_groups = {f"activity.{name}": GroupComparison(80, paired(*numbers)) for name, numbers in groups.items()}
    return Comparison(0.95, 2000, 240, {METRIC: paired(relative, low, high)}, of_groups)


def ask(found, rules=RULES, challenger=CHALLENGER):
    return decide(challenger, CHAMPION, rules, found)


@pytest.mark.parametrize(
    ("numbers", "promote"),
    [
        ((0.0, 0.0, 0.0), True),  # the same recipe
        ((0.05, 0.03, 0.07), True),  # better
        ((0.01, -0.3, 0.3), True),  # better as far as anybody can tell
        ((-0.01, -0.015, -0.005), True),  # worse, but within the margin for certain
        ((-0.01, -0.03, 0.01), False),  # may be worse by more than the margin
        ((-0.05, -0.06, -0.04), False),  # worse
        ((-0.01, -0.3, 0.3), False),  # nobody can tell: the better mean decides
    ],
)
def test_the_interval_decides_and_where_it_is_too_wide_the_mean(numbers, promote):
    assert is_not_worse(paired(*numbers), 0.02) is promote
    assert ask(compared(*numbers)).promote is promote


def test_the_reason_and_the_numbers_are_those_of_the_evidence():
    decision = ask(compared(-0.05, -0.06, -0.04, light=(0.1, 0.0, 0.2)))
    assert decision.reason == (
        "ndcg_at_10 is 0.285, the champion's 0.3 on the same 240 users: -5.00% (-6.00% to -4.00%), "
        "not within the margin of 2.00% for certain"
    )
    assert decision.numbers["n_users"] == 240
    assert decision.numbers["relative_low"] == -0.06
    assert decision.numbers["activity.light.relative"] == 0.1
    assert ask(compared(-0.01, -0.015, -0.005)).reason.endswith(", within the margin of 2.00% for certain")
    assert ask(compared(0.01, -0.3, 0.3)).reason.endswith("(-30.00% to +30.00%), not worse")


def test_a_lower_metric_can_be_the_better_one():
    assert is_not_worse(paired(-0.1, -0.2, 0.3), 0.02, "lower")
    assert is_not_worse(paired(0.01, 0.0, 0.015), 0.02, "lower")
    assert not is_not_worse(paired(0.01, 0.0, 0.03), 0.02, "lower")


def test_a_group_that_falls_back_refuses_though_all_gain():
    found = compared(0.05, 0.03, 0.07, light=(-0.2, -0.3, -0.1), medium=(-0.4, -0.9, 0.1), heavy=(0.2, 0.1, 0.3))
    decision = ask(found)
    assert not decision.promote
    assert decision.reason == (
        "ndcg_at_10 of group activity.light (80 users) is 0.24, the champion's 0.3: -20.00% (-30.00% to -10.00%), "
        "outside the groups' margin of 10.00%"
    )
    # A loss that chance explains, or a certain one within the margin, is none.
    assert ask(compared(0.05, 0.03, 0.07, medium=(-0.4, -0.9, 0.1))).promote
    assert ask(compared(0.05, 0.03, 0.07, light=(-0.09, -0.1, -0.08))).promote
    assert ask(found, GateRules(metric=METRIC, margin=0.02)).promote


def test_groups_have_floors_where_they_were_measured():
    rules = GateRules(metric=METRIC, margin=0.02, group_floors={"activity.light": 0.01, "activity.heavy": 0.01})
    metrics = CHALLENGER | {f"activity.light.{METRIC}": 0.005}
    decision = decide(metrics, None, rules)
    assert (decision.promote, decision.reason) == (
        False,
        "activity.light.ndcg_at_10 is 0.005, below its floor of 0.01",
    )
    assert decide(CHALLENGER, None, rules).promote


def test_a_model_that_says_the_same_of_nearly_everybody_is_refused_where_that_was_measured():
    rules = GateRules(metric=METRIC, margin=0.02, ceilings={"equal_lists_at_10": 0.95})
    decision = ask(compared(0.5, 0.4, 0.6), rules, CHALLENGER | {"equal_lists_at_10": 0.99})
    assert (decision.promote, decision.reason) == (False, "equal_lists_at_10 is 0.99, above its ceiling of 0.95")
    assert ask(compared(0.5, 0.4, 0.6), rules).promote


def test_a_comparison_without_the_metric_falls_back_on_the_means():
    other = Comparison(0.95, 2000, 240, {"recall_at_10": paired(-1, -1, -1)}, {})
    assert "limit 0.294" in ask(other).reason


def test_a_champion_that_was_not_judged_is_no_bar_whatever_is_compared():
    assert decide(CHALLENGER, {METRIC: math.nan}, RULES, compared(-0.5, -0.6, -0.4)).promote
