"""The truth is exact: what happened agrees with it as far as chance allows."""

import json
from collections import defaultdict
from datetime import date

import numpy as np
import pyarrow.parquet as pq
import pytest

from jobs.core.errors import InputError
from jobs.sample.event_types import EventType, Identity
from jobs.sample.generate import build_truth
from jobs.sample.parameters import Parameters
from jobs.sample.simulate import simulate
from jobs.sample.truth import churn_probabilities, leaving_probabilities, purchase_probabilities
from jobs.sample.truth_store import read_truth
from jobs.sample.world import draw_world

CUT, HORIZON = 15, 14
INTENT = frozenset({"search", "click", "view", "like", "add_to_cart", "purchase", "sign_in", "sign_up"})


def _known_days(sample) -> dict[str, set[int]]:
    """Day indexes on which each user was in the app and known, by the log's clean and late lines."""
    days = defaultdict(set)
    for index, day in enumerate(sample.days):
        for line in sample.lines(day):
            record = json.loads(line) if line.endswith("}") else {}
            age = _age_in_days(record, day.day)
            if record.get("type") in INTENT and "user" in record and age in (0, 1):
                days[record["user"]].add(index - age)
    return days


def _age_in_days(record, day: date) -> int | None:
    try:
        return (day - date.fromisoformat(record["ts"][:10])).days
    except (KeyError, ValueError):
        return None


def test_purchases_follow_personal_taste(sample):
    chances = purchase_probabilities(sample.truth, CUT, HORIZON)
    truth = sample.truth
    later = (truth.bought_day > CUT) & (truth.bought_day <= CUT + HORIZON)
    bought = chances[truth.bought_user[later], truth.bought_item[later]]
    assert bought.mean() > 5 * chances[chances > 0].mean()


def test_expected_purchases_agree_with_what_was_bought(sample):
    chances = purchase_probabilities(sample.truth, CUT, HORIZON)
    truth = sample.truth
    later = (truth.bought_day > CUT) & (truth.bought_day <= CUT + HORIZON)
    known = truth.world.users.joined_day[truth.bought_user] <= CUT
    pairs = set(zip(truth.bought_user[later & known], truth.bought_item[later & known], strict=True))
    spread = np.sqrt((chances * (1 - chances)).sum())
    assert abs(len(pairs) - chances.sum()) < 4 * spread


def test_silence_agrees_with_the_log(sample):
    chances = leaving_probabilities(sample.truth, CUT, HORIZON)
    days = _known_days(sample)
    member = (sample.truth.left_day > CUT) & ~np.isnan(chances)
    window = set(range(CUT + 1, CUT + 1 + HORIZON))
    silent = sum(not days[f"u{user + 1:05d}"] & window for user in np.flatnonzero(member))
    expected = chances[member]
    assert abs(silent - expected.sum()) < 4 * np.sqrt((expected * (1 - expected)).sum())


def test_uninstalls_after_a_visit_agree_with_the_log(sample):
    chances = churn_probabilities(sample.truth, CUT, HORIZON) - leaving_probabilities(sample.truth, CUT, HORIZON)
    days, window = _known_days(sample), set(range(CUT + 1, CUT + 1 + HORIZON))
    left = {user for user in _uninstalled(sample) if sample.truth.left_day[user] in window}
    known = np.flatnonzero(sample.truth.world.users.joined_day <= CUT)
    came = sum(bool(days[f"u{user + 1:05d}"] & window) for user in left & set(known.tolist()))
    expected = chances[known]
    assert expected.sum() > 0
    assert abs(came - expected.sum()) < 4 * np.sqrt((expected * (1 - expected)).sum())


def _uninstalled(sample) -> set[int]:
    lines = [
        line for day in sample.days for line in sample.lines(day) if '"uninstall"' in line and line.endswith("}")
    ]
    users = [json.loads(line).get("user", "") for line in lines]
    return {int(user[1:]) - 1 for user in users if user.startswith("u")}


def test_who_left_is_silent_and_buys_nothing(sample):
    gone = sample.truth.left_day <= CUT
    assert gone.any()
    assert (leaving_probabilities(sample.truth, CUT, HORIZON)[gone] == 1.0).all()
    assert (purchase_probabilities(sample.truth, CUT, HORIZON)[gone] == 0.0).all()


def test_who_has_not_joined_has_no_silence_and_buys_nothing(sample):
    future = sample.truth.world.users.joined_day > CUT
    assert future.any()
    assert np.isnan(leaving_probabilities(sample.truth, CUT, HORIZON)[future]).all()
    assert (purchase_probabilities(sample.truth, CUT, HORIZON)[future] == 0.0).all()


def test_a_longer_window_makes_silence_less_likely_and_purchases_more(sample):
    member = sample.truth.left_day > CUT
    week, month = (leaving_probabilities(sample.truth, CUT, days) for days in (7, 30))
    assert (month[member & ~np.isnan(week)] <= week[member & ~np.isnan(week)]).all()
    assert (purchase_probabilities(sample.truth, CUT, 14) >= purchase_probabilities(sample.truth, CUT, 7)).all()


def test_an_empty_window_is_refused(sample):
    with pytest.raises(ValueError, match="horizon_days is 0"):
        purchase_probabilities(sample.truth, CUT, 0)


def test_popularity_is_skewed(sample):
    sold = np.sort(np.bincount(sample.truth.bought_item, minlength=200))[::-1]
    assert sold[:20].sum() > 0.3 * sold.sum()


def test_leaving_table_has_a_row_for_each_member_and_day(sample):
    table = pq.read_table(sample.folders.truth_of("leaving")).to_pandas()
    assert not table.duplicated(["user_id", "day"]).any()
    assert table["leave_probability"].between(0.0005, 0.2).all()
    leavers = (sample.truth.left_day < 30).sum()
    spread = np.sqrt(table["leave_probability"].sum())
    assert abs(leavers - table["leave_probability"].sum()) < 4 * spread


def test_a_share_of_the_active_drifts_away():
    """Grain: users with a known session in days 30 to 45, of whom 15-35 % have none after."""
    world = draw_world(Parameters(users=400, items=200, days=60))
    middle, after = set(), set()
    for today in simulate(world):
        known = (today.rows.type == EventType.VIEW) & (today.rows.identity == Identity.USER)
        (after if today.day > 45 else middle if today.day >= 30 else set()).update(today.rows.user[known].tolist())
    assert 0.15 < len(middle - after) / len(middle) < 0.35


def test_truth_is_read_back_as_it_was(sample):
    world = draw_world(sample.parameters)
    truth = build_truth(world, [day.only(EventType.PURCHASE) for day in simulate(world)])
    assert sample.truth.world.parameters == sample.parameters
    assert np.array_equal(sample.truth.world.users.taste, world.users.taste)
    assert np.array_equal(sample.truth.world.items.retire_day, world.items.retire_day)
    assert np.array_equal(sample.truth.left_day, truth.left_day)
    assert np.array_equal(sample.truth.bought_item, truth.bought_item)


def test_a_folder_without_truth_is_refused(tmp_path):
    with pytest.raises(InputError, match="has no whole truth"):
        read_truth(tmp_path)
