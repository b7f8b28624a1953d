import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from jobs.datasets.history import COUNTS, History
from jobs.datasets.past import NEVER, Past, Window, build_catalogue, build_item_days

CUT = pd.Timestamp("2025-06-30")


def daily_of(rows):
    """Rows of `item_daily` from item, age in days, events, purchases, users and price."""
    names = ["item_id", "age", "n_events", "n_purchases", "n_users", "price"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(run_date=CUT - pd.to_timedelta(frame["age"].astype(int), unit="D"))


def profiles_of(rows):
    return pd.DataFrame(rows, columns=["item_id", "title", "category", "price", "is_available"])


DAYS = daily_of([("x", 0, 4, 1, 2, 3.0), ("x", 10, 8, 2, 4, 2.0), ("y", 100, 2, 1, 1, 9.0), ("z", 1, 5, 0, 3, None)])


def test_days_decay_and_windows_end_where_they_are_told():
    days = build_item_days(DAYS, CUT, np.array(["x", "y", "z"]))
    assert np.allclose(days.decayed(days.n_events, 3, half_life_days=10), [4 + 4, 2 * 2.0**-10, 5 * 2**-0.1])
    assert days.window(days.n_events, 3, days=10).tolist() == [4, 0, 5]
    assert days.window(days.n_events, 3, days=11).tolist() == [12, 0, 5]
    assert days.window(days.n_events, 3, days=10, skip=1).tolist() == [8, 0, 5]


def test_days_of_items_that_nobody_asked_for_are_left_out():
    days = build_item_days(DAYS, CUT, np.array(["x", "z"]))
    assert days.item.tolist() == [0, 0, 1]
    assert build_item_days(DAYS, CUT, np.empty(0, np.str_)).item.tolist() == []


@given(st.permutations(range(len(DAYS))))
@settings(max_examples=20, deadline=None)
def test_the_order_of_days_does_not_matter(order):
    catalogue = build_catalogue(DAYS, None, CUT, available_days=90)
    again = build_catalogue(DAYS.iloc[list(order)], None, CUT, available_days=90)
    assert again.items.tolist() == catalogue.items.tolist()
    assert np.array_equal(again.price, catalogue.price, equal_nan=True)
    assert again.last_age.tolist() == catalogue.last_age.tolist()


def test_without_a_log_of_items_the_catalogue_is_what_had_events():
    catalogue = build_catalogue(DAYS, None, CUT, available_days=90)
    assert catalogue.items.tolist() == ["x", "y", "z"]
    assert catalogue.first_age.tolist() == [10, 100, 1]
    assert catalogue.last_age.tolist() == [0, 100, 1]
    assert catalogue.is_available.tolist() == [True, False, True]  # y had no event for 90 days
    assert catalogue.price[:2].tolist() == [3, 9]
    assert np.isnan(catalogue.price[2])
    assert catalogue.title.tolist() == ["", "", ""]


def test_a_log_of_items_names_prices_and_what_can_be_had():
    profiles = profiles_of(
        [("x", "a cup", "kitchen", 4.5, True), ("z", None, None, None, False), ("new", "a jug", "kitchen", 7, True)]
    )
    catalogue = build_catalogue(DAYS, profiles, CUT, available_days=90)
    assert catalogue.items.tolist() == ["new", "x", "y", "z"]
    assert catalogue.title.tolist() == ["a jug", "a cup", "", ""]
    assert catalogue.category.tolist() == ["kitchen", "kitchen", "", ""]
    assert catalogue.price[:3].tolist() == [7, 4.5, 9]
    assert catalogue.first_age.tolist() == [NEVER, 10, 100, 1]
    assert catalogue.is_available.tolist() == [True, True, False, False]


@given(st.sets(st.sampled_from(["a", "x", "y", "z"])))
@settings(max_examples=16, deadline=None)
def test_aligned_to_other_items_all_three_parts_say_the_same_of_each(items):
    whole = past_of(DAYS)
    part = whole.aligned_to(np.array(sorted(items), dtype=np.str_))
    assert part.items.tolist() == part.history.items.tolist() == sorted(items)
    events = dict(zip(whole.items.tolist(), whole.days.window(whole.days.n_events, 3, days=1000), strict=True))
    counted = part.days.window(part.days.n_events, len(items), days=1000)
    for place, item in enumerate(part.items.tolist()):
        assert counted[place] == events.get(item, 0)
        if item == "a":
            assert not part.catalogue.is_available[place]
            assert part.catalogue.first_age[place] == NEVER
            continue
        at = whole.items.tolist().index(item)
        for name in ("title", "category", "first_age", "last_age", "is_available"):
            assert getattr(part.catalogue, name)[place] == getattr(whole.catalogue, name)[at]


def past_of(daily):
    catalogue = build_catalogue(daily, None, CUT, available_days=90)
    return Past(
        history_of([("ann", "x"), ("bob", "y")], catalogue.items),
        build_item_days(daily, CUT, catalogue.items),
        catalogue,
    )


def history_of(pairs, items=None):
    """Of the day of the cut; cem is known and did nothing."""
    rows = pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(event_day=CUT, first_event_time=CUT)
    rows = rows.assign(**dict.fromkeys(COUNTS, 1))
    return History.from_frame(rows, CUT.date(), "purchases", items=items, users=np.array(["ann", "bob", "cem"]))


def test_users_are_judged_who_have_a_history_and_want_something():
    past = past_of(daily_of([("x", 0, 1, 1, 1, 1.0), ("y", 0, 1, 1, 1, 1.0)]))
    wanted = csr_matrix(np.array([[0, 1], [0, 0], [1, 1]], dtype=np.float32))
    assert Window(past, wanted).judged.tolist() == [0]


def test_of_too_many_who_want_something_a_part_judges_and_the_past_stays_whole():
    users = np.array([f"u{number:04d}" for number in range(3000)])
    events = pd.DataFrame({"user_id": users, "item_id": "x", "event_day": CUT, "first_event_time": CUT})
    history = History.from_frame(events.assign(**dict.fromkeys(COUNTS, 1)), CUT.date(), "purchases")
    items = np.array(["x"])
    past = Past(history, build_item_days(DAYS, CUT, items), build_catalogue(DAYS, None, CUT, 90).aligned_to(items))
    window = Window(past, csr_matrix(np.ones((3000, 1), np.float32)))
    drawn = window.drawn(1000)
    assert 900 < len(drawn.judged) < 1100
    assert drawn.past is past
    assert drawn.truth.nnz == len(drawn.judged)
    assert window.drawn(3000) is window
