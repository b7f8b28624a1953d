"""How often the gate errs, over simulated nights: users with nDCG as they have it, two methods that share their luck.

Each night draws users anew. The rates are of 200 nights; three standard deviations are 3.3 % at 2.5 %, and 10.6 %
at half. What `jobs/evaluation/gate_evidence.py` promises is what is asked for here.
"""

import numpy as np
import pytest

from jobs.evaluation.comparison import Resampling, compare
from jobs.evaluation.gate import decide
from jobs.evaluation.gate_rules import GateRules
from jobs.evaluation.groups import Group

METRIC = "ndcg_at_10"
NIGHTS = 200
MARGIN = 0.04
RULES = GateRules(metric=METRIC, margin=MARGIN, group_margin=0.1)


def night(rng, n_users, loss, spread, group_loss=0.0, n_groups=1):
    """nDCG of challenger and champion; the challenger's expectation is lower by a share of it."""
    ease = np.where(rng.random(n_users) < 0.3, 0.0, rng.beta(1.2, 2.0, n_users))
    group = np.arange(n_users) * n_groups // n_users
    lost = np.where(group == 0, group_loss or loss, loss)
    champion, challenger = (
        np.clip(ease * (1 - part) * (1 + spread * rng.normal(size=n_users)), 0, 1.5) for part in (0.0, lost)
    )
    groups = tuple(Group(f"g.{n}", np.flatnonzero(group == n)) for n in range(n_groups) if n_groups > 1)
    return {METRIC: challenger}, {METRIC: champion}, groups


def promoted(n_users, loss, spread=0.18, nights=NIGHTS, **more):
    rng = np.random.default_rng(1)
    count = 0
    for number in range(nights):
        challenger, champion, groups = night(rng, n_users, loss, spread, **more)
        found = compare(challenger, champion, METRIC, groups, Resampling(0.95, 300, number))
        metrics = {METRIC: float(challenger[METRIC].mean()), "distinct_scores": 9}
        count += decide(metrics, {METRIC: float(champion[METRIC].mean())}, RULES, found).promote
    return count / nights


def test_enough_users_a_challenger_worse_by_the_margin_passes_once_in_forty_nights():
    assert promoted(1500, MARGIN) == pytest.approx(0.025, abs=0.033)


def test_enough_users_an_equal_one_nearly_always_passes():
    assert promoted(1500, 0.0) > 0.97


def test_enough_users_a_much_worse_one_never_passes():
    assert promoted(1500, 2 * MARGIN) == 0


def test_few_users_an_equal_one_passes_every_other_night_so_that_no_champion_stays_for_ever():
    assert promoted(60, 0.0, 0.3) == pytest.approx(0.5, abs=0.106)


def test_few_users_a_much_worse_one_rarely_passes():
    assert promoted(60, 0.3, 0.3) < 0.02


def test_the_same_recipe_always_passes_however_few_users():
    rng = np.random.default_rng(3)
    for _ in range(20):
        same, _, _ = night(rng, 20, 0.0, 0.3)
        found = compare(same, same, METRIC, (), Resampling(0.95, 100, 1))
        assert decide({METRIC: 0.1, "distinct_scores": 9}, {METRIC: 0.1}, RULES, found).promote


def test_six_groups_refuse_an_equal_challenger_hardly_ever():
    assert promoted(1500, 0.0, nights=80, n_groups=6) > 0.95


def test_a_group_that_lost_a_third_is_found_though_all_lost_little():
    # Better by a tenth elsewhere: all users together gain.
    assert promoted(1500, -0.1, group_loss=0.33, nights=80, n_groups=6) < 0.1
