from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.errors import ModelError
from jobs.datasets.history import COUNTS, History

CUT = date(2025, 6, 30)

rows = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cem", "ño", "Ż"]),
        st.sampled_from(["x", "y", "z", "ä"]),
        st.integers(0, 40),
        st.integers(0, 86_399),
        st.integers(-2, 3),
        st.sampled_from([-0.5, 0.0, 1.5, 5.0]),
    ),
    max_size=30,
)


def frame_of(events):
    """From user, item, age in days, second of the day, purchases and weight."""
    table = pd.DataFrame(events, columns=["user_id", "item_id", "age", "second", "n_purchases", "weight"])
    day = pd.Timestamp(CUT) - pd.to_timedelta(table["age"].astype(int), unit="D")
    counts = dict.fromkeys(set(COUNTS) - {"n_purchases", "weight"}, 1)
    return table.assign(
        event_day=day, first_event_time=day + pd.to_timedelta(table["second"].astype(int), "s"), **counts
    )


def history_of(events, **given):
    return History.from_frame(frame_of(events), CUT, **{"goal": "purchases", **given})


def arrays_of(history):
    own = {name: getattr(history, name) for name in ("users", "items", "user", "item", "age", "moment", "goal")}
    return {**own, **history.counts, **history.places}


def assert_same(one, other):
    first, second = arrays_of(one), arrays_of(other)
    assert all(np.array_equal(first[name], second[name]) for name in first)


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_shuffled_rows_give_the_same_history(events, random):
    shuffled = list(events)
    random.shuffle(shuffled)
    assert_same(history_of(events), history_of(shuffled))


@given(rows)
@settings(max_examples=60, deadline=None)
def test_rows_are_in_order_and_each_user_item_and_day_is_there_once(events):
    history = history_of(events)
    keys = list(zip(history.user.tolist(), history.item.tolist(), (-history.age).tolist(), strict=True))
    assert keys == sorted(set(keys))
    expected = {(user, item, age) for user, item, age, *_ in events}
    assert len(keys) == len(expected)
    assert history.counts["n_purchases"].sum() == sum(event[4] for event in events)


@given(rows, st.floats(1, 100))
@settings(max_examples=40, deadline=None)
def test_the_matrix_is_the_decayed_sum(events, half_life):
    history = history_of(events)
    dense = np.zeros(history.shape)
    np.add.at(dense, (history.user, history.item), history.goal * np.exp2(-history.age / half_life))
    matrix = history.matrix(half_life_days=half_life)
    assert matrix.dtype == np.float32
    assert matrix.has_sorted_indices
    assert np.allclose(matrix.toarray(), dense, rtol=1e-6)


@given(rows, st.sets(st.integers(0, 4)))
@settings(max_examples=60, deadline=None)
def test_taken_users_are_those_of_a_history_of_their_rows_alone(events, wanted):
    history = history_of(events)
    users = np.array(sorted(user for user in wanted if user < len(history.users)), dtype=np.int64)
    names = set(history.users[users].tolist())
    alone = history_of([e for e in events if e[0] in names], items=history.items, users=history.users[users])
    assert_same(history.take(users), alone)


@given(rows, st.sets(st.sampled_from(["a", "x", "y", "z", "ä", "ö"])))
@settings(max_examples=60, deadline=None)
def test_aligned_to_other_items_it_is_the_history_over_those(events, items):
    catalogue = np.array(sorted(items), dtype=np.str_)
    history = history_of(events)
    assert_same(history.aligned_to(catalogue), history_of(events, items=catalogue, users=history.users))


@given(rows)
@settings(max_examples=30, deadline=None)
def test_the_rows_of_a_user_are_where_indptr_says(events):
    history = history_of(events)
    for user in range(len(history.users)):
        rows_of = slice(history.indptr[user], history.indptr[user + 1])
        assert (history.user[rows_of] == user).all()
    assert history.indptr[-1] == len(history.user)


def test_a_row_after_the_cut_is_refused():
    with pytest.raises(ModelError, match="a history up to 2025-06-30 was given events of 3 days later"):
        history_of([("ann", "x", 1, 0, 1, 5.0), ("bob", "x", -3, 0, 1, 5.0)])


def test_the_goal_is_purchases_without_reversals_or_any_positive_weight():
    events = [("ann", "x", 1, 0, 2, 10.0), ("ann", "y", 1, 0, -1, -5.0), ("ann", "z", 1, 0, 0, 1.5)]
    assert history_of(events).goal.tolist() == [2, 0, 0]
    assert history_of(events, goal="wants").goal.tolist() == [10, 0, 1.5]
    assert history_of(events).only_goals().item.tolist() == [0]


def test_the_moment_of_a_day_is_that_of_its_first_event():
    history = history_of([("ann", "x", 1, 500, 1, 5.0), ("ann", "x", 1, 70, 1, 5.0)])
    first = pd.Timestamp("2025-06-29 00:01:10")
    assert history.moment.tolist() == [first.value // 1000]


def test_places_are_of_users_and_empty_where_nobody_said():
    events = [("ann", "x", 1, 0, 1, 5.0), ("bob", "x", 1, 0, 1, 5.0)]
    told = pd.DataFrame({"user_id": ["bob", "zoe"], "country": ["SE", "NL"], "platform": [None, "web"]})
    history = history_of(events, places=told)
    assert history.places["country"].tolist() == ["", "SE"]
    assert history.places["platform"].tolist() == ["", ""]
    assert history.take(np.array([1])).places["country"].tolist() == ["SE"]


def test_without_rows_it_has_users_and_items_but_no_history():
    history = history_of([], users=np.array(["ann"]), items=np.array(["x", "y"]))
    assert history.shape == (1, 2)
    assert history.matrix().toarray().tolist() == [[0, 0]]
    assert history.indptr.tolist() == [0, 0]


@given(rows)
def test_users_without_a_row_are_not_known(events):
    history = History.from_frame(frame_of(events), CUT, "purchases", users=np.array(["ann", "bob", "zoe"]))
    assert history.known_users.tolist() == sorted({user for user, *_ in events} & {"ann", "bob"})
