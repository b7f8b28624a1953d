from datetime import date

import numpy as np
import pandas as pd
import pytest

from jobs.core.errors import ModelError
from jobs.datasets.history import COUNTS, History
from jobs.datasets.history_frames import HISTORY_COLUMNS, build_history_frame, read_history_frame

CUT = date(2025, 3, 9)
ROWS = [
    ("ann", "b", "2025-03-01", "2025-03-01T23:30:00.000001", 3, 1, 0, 0, 1.5),
    ("ann", "a", "2025-03-09", "2025-03-09T08:00:00.000000", 0, 0, 1, 2, 13.0),
    ("ann", "a", "2025-03-02", "2025-03-02T08:00:00.000000", 0, 0, 0, -1, -5.0),
    ("cid", "b", "2025-03-03", "2025-03-03T01:00:00.000000", 1, 0, 0, 1, 0.3),
]
COLUMNS = ["user_id", "item_id", "event_day", "first_event_time", *COUNTS]
PLACES = pd.DataFrame({"user_id": ["ann"], "country": ["NL"], "platform": [None]})
USERS = np.array(["ann", "bob", "cid"])


def history(goal="purchases", items=None):
    return History.from_frame(pd.DataFrame(ROWS, columns=COLUMNS), CUT, goal, PLACES, items=items, users=USERS)


def assert_equal(left, right):
    for name in ("user", "item", "age", "moment", "goal", "items"):
        assert getattr(left, name).tolist() == getattr(right, name).tolist(), name
    for name in COUNTS:
        assert left.counts[name].tobytes() == right.counts[name].tobytes(), name
    assert {name: of.tolist() for name, of in left.places.items()} == {
        name: of.tolist() for name, of in right.places.items()
    }
    assert left.cut == right.cut


def test_a_row_per_user_in_the_order_item_and_day():
    frame = build_history_frame(history())
    assert list(frame.columns) == [column.name for column in HISTORY_COLUMNS]
    ann, bob, _ = frame.to_dict("records")
    assert (ann["key"], ann["run_date"], ann["country"], ann["platform"]) == ("ann", "2025-03-09", "NL", "")
    assert ann["items"] == ["a", "a", "b"]
    assert ann["ages"] == [7, 0, 8]
    assert ann["n_purchases"] == [-1, 2, 0]
    assert ann["moments"][2] == pd.Timestamp("2025-03-01T23:30:00.000001").value // 1000
    assert (bob["items"], bob["weight"], bob["country"]) == ([], [], "")


@pytest.mark.parametrize("goal", ["purchases", "wants"])
def test_there_and_back(goal):
    made = history(goal)
    assert_equal(read_history_frame(build_history_frame(made), made.items, goal), made)


def test_items_that_a_model_does_not_know_are_left_out():
    items = np.array(["a", "z"])
    assert_equal(read_history_frame(build_history_frame(history()), items, "purchases"), history(items=items))


def test_equal_keys_are_users_of_their_own():
    frame = build_history_frame(history(), np.array(["me", "me", "me"]))
    assert np.diff(read_history_frame(frame, history().items, "wants").indptr).tolist() == [3, 0, 1]


def test_nobody_with_any_event():
    frame = build_history_frame(history()).iloc[[1]]
    assert len(read_history_frame(frame, history().items, "wants").user) == 0


def test_no_user_at_all_makes_an_empty_frame():
    assert build_history_frame(history().take(np.array([], dtype=np.int64))).empty


def test_places_may_be_missing():
    frame = build_history_frame(history()).drop(columns=["country", "platform"])
    assert read_history_frame(frame, history().items, "wants").places["country"].tolist() == [""] * 3


def test_lists_of_unequal_length_are_refused():
    frame = build_history_frame(history())
    frame.at[0, "ages"] = [1]
    with pytest.raises(ModelError, match=r"row 0 \(key 'ann'\) differ in length: items 3, ages 1"):
        read_history_frame(frame, history().items, "wants")


def test_a_missing_column_is_named():
    with pytest.raises(ModelError, match=r"no columns \['moments'\]"):
        read_history_frame(build_history_frame(history()).drop(columns="moments"), history().items, "wants")


def test_run_dates_must_agree_and_be_dates():
    frame = build_history_frame(history())
    with pytest.raises(ModelError, match="'soon' is not a date"):
        read_history_frame(frame.assign(run_date="soon"), history().items, "wants")
    frame.at[1, "run_date"] = "2025-03-08"
    with pytest.raises(ModelError, match=r"one run date, got \['2025-03-08', '2025-03-09'\]"):
        read_history_frame(frame, history().items, "wants")
    with pytest.raises(ModelError, match="got no row"):
        read_history_frame(frame.head(0), history().items, "wants")
