from datetime import date

import numpy as np
import pytest
from small_past import events_of, past_of, shop

from jobs.datasets.past import Past
from jobs.models.two_stage.features import Features
from jobs.models.two_stage.habit_features import category_codes, category_columns, price_columns
from jobs.models.two_stage.item_features import item_columns, rebuy_gap_days
from jobs.models.two_stage.pair_features import NOT, due_columns, pair_columns
from jobs.models.two_stage.source_features import UNRANKED, loudest, rank_within, source_columns
from jobs.models.two_stage.together import Together
from jobs.models.two_stage.union import Pairs
from jobs.models.two_stage.user_features import typical_gap_days, user_facts

CUT = date(2025, 3, 31)


@pytest.fixture
def past() -> Past:
    """Users u and v; u bought a on days 30 and 10 before the cut, b on day 10, v bought c on day 1."""
    rows = [("u", "a", "2025-03-01"), ("u", "a", "2025-03-21"), ("u", "b", "2025-03-21"), ("v", "c", "2025-03-30")]
    return past_of(events_of(rows), CUT, prices={"a": 1.0, "b": np.e, "c": 1.0})


def every_pair(past: Past) -> Pairs:
    n_users, n_items = past.history.shape
    user, item = np.repeat(np.arange(n_users), n_items), np.tile(np.arange(n_items), n_users)
    had = past.history.matrix().toarray() > 0
    return Pairs((n_users, n_items), user, item, had[user, item])


def test_pairs_count_days_and_tell_their_ages(past: Past) -> None:
    own = pair_columns(past.history, every_pair(past))

    assert own["pair_days"].tolist() == [2, 1, 0, 0, 0, 1]
    assert own["pair_since_days"].tolist() == [10, 10, NOT, NOT, NOT, 1]
    assert own["pair_first_days"].tolist() == [30, 10, NOT, NOT, NOT, 1]
    assert own["pair_gap_days"].tolist() == [20, NOT, NOT, NOT, NOT, NOT]
    assert own["pair_goals_30d"][:2] == pytest.approx([0.5 + 2 ** (-1 / 3), 2 ** (-1 / 3)])


def test_due_is_the_time_since_over_each_gap(past: Past) -> None:
    own = pair_columns(past.history, every_pair(past))
    per_user = np.array([5, 5, 5, 4, 4, 4], dtype=np.float32)
    since = np.array([10, 10, 10, 1, 1, 1], dtype=np.float32)
    days = np.array([2, 2, 2, 1, 1, 1], dtype=np.float32)

    due = due_columns(own, per_user, since, days, item_gap=np.full(6, 20, np.float32))

    assert due["pair_due_by_user"].tolist() == [2, 2, NOT, NOT, NOT, 0.25]
    assert due["pair_due_by_item"][[0, 5]] == pytest.approx([0.5, 0.05])
    assert due["pair_due"].tolist() == [0.5, NOT, NOT, NOT, NOT, NOT]
    assert due["pair_day_part"].tolist() == [1, 0.5, 0, 0, 0, 1]
    assert due["pair_in_last"].tolist() == [1, 1, 0, 0, 0, 1]


def test_users_have_a_tempo_a_basket_and_a_habit_of_price(past: Past) -> None:
    facts = user_facts(past.history, past.catalogue.price, typical_gap_days=10.0)
    of_u = {name: float(values[0]) for name, values in facts.columns.items()}

    assert (of_u["user_rows"], of_u["user_items"], of_u["user_days"]) == (3, 2, 2)
    assert (of_u["user_basket"], of_u["user_last_basket"]) == (1.5, 2)
    assert (of_u["user_since_days"], of_u["user_first_days"]) == (10, 30)
    assert of_u["user_gap_days"] == pytest.approx((20 + 10) / 2)
    assert of_u["user_due"] == pytest.approx(10 / 15)
    assert of_u["user_novelty"] == pytest.approx(2 / 3)
    assert of_u["user_log_price"] == pytest.approx(1 / 3)


def test_a_user_without_purchases_has_no_price_and_a_long_silence(past: Past) -> None:
    nobody = past.history.take(np.array([], dtype=np.int64))
    assert all(values.shape == (0,) for values in user_facts(nobody, past.catalogue.price, 10.0).columns.values())

    rows = events_of([("u", "a", "2025-03-01")]).assign(n_purchases=0)
    looked = past_of(rows, CUT)
    facts = user_facts(looked.history, looked.catalogue.price, 10.0)

    assert facts.columns["user_days"].tolist() == [0]
    assert facts.columns["user_since_days"].tolist() == [400]
    assert np.isnan(facts.log_price[0])


def test_gaps_are_means_over_neighbouring_purchases(past: Past) -> None:
    assert typical_gap_days(past.history) == 20
    assert rebuy_gap_days(past.history) == pytest.approx([20, 20, 20])

    once = past_of(events_of([("u", "a", "2025-03-01")]), CUT)
    assert typical_gap_days(once.history) == 30
    assert rebuy_gap_days(once.history) == pytest.approx([30])


def test_items_have_shares_trends_and_buyers(past: Past) -> None:
    columns = item_columns(past)

    weights = np.array([0.5 + 2 ** (-1 / 3), 2 ** (-1 / 3), 2 ** (-1 / 30)])
    assert columns["item_share_30d"] == pytest.approx(1000 * weights / weights.sum(), rel=1e-5)
    assert columns["item_trend_7d_30d"][2] == pytest.approx((1 / 7 + 0.02) / 0.02)
    assert columns["item_trend_7d_30d"][1] == pytest.approx(0.02 / (1 / 30 + 0.02))
    assert columns["item_rebuys"] == pytest.approx([1 / 6, 0, 0])
    assert columns["item_first_part"][0] == pytest.approx(2 ** (-30 / 21) / (2 ** (-30 / 21) + 2 ** (-10 / 21) + 0.1))
    assert columns["item_first_age_days"].tolist() == [30, 10, 1]
    assert columns["item_last_age_days"].tolist() == [10, 10, 1]


def test_ranks_count_what_is_higher_and_equals_share_one() -> None:
    pairs = Pairs((2, 4), np.array([0, 0, 0, 0, 1]), np.array([0, 1, 2, 3, 2]), np.zeros(5, np.bool_))

    rank = rank_within(np.array([1, 3, 3, 0, 5], dtype=np.float32), pairs)

    assert rank.tolist() == [2, 0, 0, UNRANKED, 0]


def test_sources_speak_through_scores_ratios_ranks_and_votes() -> None:
    pairs = Pairs((1, 3), np.zeros(2, np.int64), np.array([0, 2]), np.zeros(2, np.bool_))
    first, second = np.array([[4, 1, 1]], np.float32), np.array([[0, 0, 7]], np.float32)

    columns = source_columns(("one", "two"), [first, second], pairs)

    assert columns["one_score"].tolist() == [4, 1]
    assert columns["one_ratio"].tolist() == [2, 0.5]
    assert columns["one_rank"].tolist() == [0, 1]
    assert columns["two_rank"].tolist() == [UNRANKED, 0]
    assert columns["n_votes"].tolist() == [1, 2]
    assert columns["mean_log_rank"] == pytest.approx([np.log1p(UNRANKED) / 2, np.log(2) / 2])
    assert loudest(("one", "two"), columns).tolist() == [0, 1]


def test_prices_are_held_against_the_habit() -> None:
    price = np.array([np.e, np.nan], dtype=np.float32)

    columns = price_columns(price, np.zeros(2, np.float32), np.full(2, 0.7, np.float32))

    assert columns["price_over_habit"][0] == pytest.approx(1)
    assert columns["price_from_habit"][0] == pytest.approx(1)
    assert np.isnan(columns["price_over_habit"][1])


def test_categories_have_their_part_of_the_wishes(past: Past) -> None:
    codes = category_codes(np.array(["tea", "", "tea"]))
    assert codes.tolist() == [0, -1, 0]

    assert category_columns(past.history, every_pair(past), codes)["category_part"].tolist() == [1, 0, 1, 1, 0, 1]
    assert category_columns(past.history, every_pair(past), np.full(3, -1)) == {}


def test_what_is_bought_together_speaks_for_each_other() -> None:
    rows = [(user, item, "2025-03-30") for user in "rst" for item in "ab"] + [("u", "a", "2025-03-30")]
    small = past_of(events_of(rows), CUT)

    columns = Together.fit(small.history).columns(small.history, every_pair(small))

    last = columns["together_last"].reshape(4, 2)
    joint = 3 * 2 ** (-1 / 90) / 2
    assert last[3] == pytest.approx([0, joint / (joint + 2)], rel=1e-5)
    assert last[0] == pytest.approx([joint / (joint + 2)] * 2, rel=1e-5)


def test_saved_features_are_the_same_features() -> None:
    small = past_of(shop(), date(2025, 5, 1))
    features = Features.fit(small)

    again = Features.restored(features.arrays())

    pairs = every_pair(small)
    before, after = (one.build(small.history, pairs) for one in (features, again))
    assert list(before) == list(after)
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], err_msg=name)
        assert values.dtype == np.float32, name
