"""Pasts and windows of a small lake that is written by hand; the app's first day is MONDAY."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jobs.adapters.lake import Lake
from jobs.adapters.lake.put import put_partition
from jobs.core.config import load_settings
from jobs.core.errors import MissingPartitionError, StorageError
from jobs.datasets.past import NEVER
from jobs.datasets.recommender_rows import DailyRows
from jobs.datasets.tables import table_named
from jobs.stages.recommender_windows import RecommenderLog, labels_close, read_past, read_windows

MONDAY = date(2025, 3, 3)
CUT = MONDAY + timedelta(2)
FILL = {"string": None, "long": 0, "double": 0.0, "decimal(18,4)": Decimal(0), "array<long>": [0], "boolean": True}


def settings(goal="purchases", late=1, history=400):
    overrides = {
        "schedule.first_day": str(MONDAY),
        "log.max_late_days": late,
        "recommender.history_days": history,
        "recommender.goal": goal,
    }
    return load_settings("sample", overrides=overrides)


def day(n):
    return MONDAY + timedelta(n)


def put(lake, name, run_date, rows, **manifest):
    table = table_named(name)
    fill = {column.name: None if column.nullable else FILL.get(column.type) for column in table.columns}
    frame = pd.DataFrame([fill | row for row in rows], columns=list(table.column_names))
    put_partition(lake, table, run_date, frame, "test", **manifest)


def pair(user, item, event_day, n_purchases=0, weight=1, minute=0):
    moment = pd.Timestamp(event_day, tz="UTC") + pd.Timedelta(minutes=minute)
    return {
        "user_id": user,
        "item_id": item,
        "event_day": event_day,
        "n_events": 1,
        "n_purchases": n_purchases,
        "weight": Decimal(weight),
        "first_event_time": moment,
    }


def item(name, n=1, price=None):
    return {"item_id": name, "n_events": n, "n_users": 1, "price": None if price is None else Decimal(price)}


ARRIVED = {  # by run date
    0: [pair("u1", "a", day(0), 1, 5), pair("u2", "b", day(0))],
    1: [pair("gone", "a", day(1), 1, 5)],
    2: [pair("u1", "a", day(1), 1, 5, 7), pair("u1", "a", day(2), 2, 10)],
    # After the cut: a late row of the day of the cut, a purchase, one taken back, a newcomer, an unknown item.
    3: [pair("u2", "a", day(2), 1, 5), pair("u2", "b", day(3), 1, 5), pair("u1", "b", day(3), 1, 5)],
    4: [pair("u1", "b", day(4), -1, -5), pair("new", "a", day(4), 1, 5), pair("u1", "later", day(4), 1, 5)],
    # The horizon of two days ends with day 4; a late row of it still counts, one of day 5 does not.
    5: [pair("u1", "a", day(4), 1, 5), pair("u2", "a", day(5), 1, 5)],
}
SOLD = {0: [item("a", 3, "1.5"), item("b")], 1: [item("a")], 2: [item("a", 1, "2.5")], 4: [item("later")]}


def read_window(lake, told, cut, horizon_days, newcomers=False, run_date=None):
    """One label window, read up to the day on which its labels have closed."""
    closed = labels_close(told, cut, horizon_days)
    return RecommenderLog.read(lake, told, cut, closed, run_date or closed).window(cut, horizon_days, newcomers)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "app" / "lake")
    for n in range(6):
        put(lake, "user_item_daily", day(n), ARRIVED[n])
        put(lake, "item_daily", day(n), SOLD.get(n, []))
        rows = [("gone", "deleted", pd.Timestamp(day(n), tz="UTC"))] if n >= 2 else []
        frame = pd.DataFrame(rows, columns=list(table_named("user_status").column_names))
        put_partition(lake, table_named("user_status"), day(n), frame, "test")
    put(lake, "user_activity", CUT, [{"user_id": "u2", "country": "FR"}])
    return lake


def test_a_past_ends_with_its_cut_and_knows_no_deleted_user(lake):
    past = read_past(lake, settings(), CUT)
    assert past.history.users.tolist() == ["u1", "u2"]
    assert past.items.tolist() == ["a", "b"]
    rows = zip(past.history.user, past.history.item, past.history.age, past.history.goal, strict=True)
    assert list(rows) == [(0, 0, 2, 1), (0, 0, 1, 1), (0, 0, 0, 2), (1, 1, 2, 0)]
    assert past.history.places["country"].tolist() == ["", "FR"]


def test_items_keep_the_sums_of_those_who_left(lake):
    past = read_past(lake, settings(), CUT)
    assert past.days.decayed(past.days.n_events, 2, 1e9).round(3).tolist() == [5, 1]
    assert past.catalogue.price.tolist() == [2.5, pytest.approx(np.nan, nan_ok=True)]
    assert past.catalogue.last_age.tolist() == [0, 2]


def test_truth_is_what_was_reached_in_sum_within_the_horizon_and_had_arrived_in_time(lake):
    window = read_window(lake, settings(), CUT, 2)
    assert window.past.history.users.tolist() == ["u1", "u2"]
    # u1 gave b back, and bought a again, which was told a day late; u2 bought b, and a before and after the horizon.
    assert window.truth.toarray().tolist() == [[1, 0], [0, 1]]


def test_newcomers_are_in_the_history_without_a_row(lake):
    window = read_window(lake, settings(), CUT, 2, newcomers=True)
    assert window.past.history.users.tolist() == ["new", "u1", "u2"]
    assert window.truth.toarray().tolist() == [[1, 0], [1, 0], [0, 1]]
    assert window.judged.tolist() == [1, 2]


def test_without_waiting_for_late_rows_they_do_not_count(lake):
    assert read_window(lake, settings(late=0), CUT, 2).truth.toarray().tolist() == [[0, 0], [0, 1]]


def test_wants_count_any_positive_weight(lake):
    assert read_past(lake, settings("wants"), CUT).history.goal.tolist() == [5, 5, 10, 1]


def test_a_history_is_no_longer_than_asked_for(lake):
    past = read_past(lake, settings(history=2), CUT)
    assert past.history.users.tolist() == ["u1"]
    assert past.history.age.tolist() == [1, 0]
    assert past.items.tolist() == ["a"]


def test_windows_of_one_reading_are_those_of_one_by_one(lake):
    past, windows = read_windows(lake, settings(), [CUT, day(1)], 1, day(5))
    assert past.history.cut == day(5)
    for window, cut in zip(windows, (CUT, day(1)), strict=True):
        alone = read_window(lake, settings(), cut, 1, run_date=day(5))
        assert window.truth.toarray().tolist() == alone.truth.toarray().tolist()
        assert window.past.items.tolist() == alone.past.items.tolist()
        assert window.past.history.age.tolist() == alone.past.history.age.tolist()


def test_of_many_users_some_are_learned_from_and_the_same_at_every_cut():
    users = [f"u{n:03}" for n in range(900)]
    pairs = pd.DataFrame({"user_id": pd.Categorical(users * 2), "n_events": 1})
    items = pd.DataFrame({"item_id": ["a"], "n_users": [900]})
    rows = DailyRows(pairs, items)
    assert rows.drawn(900) is rows
    some = rows.drawn(300)
    kept = some.pairs["user_id"].tolist()
    assert 250 < len(set(kept)) < 350
    assert kept == [user for user in users * 2 if user in set(kept)]
    assert some.items is items
    assert set(rows.drawn(200).pairs["user_id"]) < set(kept), "of fewer the same"
    assert 850 < rows.drawn(899).pairs["user_id"].nunique() <= 900, "one user more than are asked for is no cliff"
    # Others who come or go move nobody, as long as the share stays.
    fewer = DailyRows(pairs[~pairs["user_id"].isin(users[:200])], items).drawn(250)
    assert set(fewer.pairs["user_id"]) >= set(kept) - set(users[:200])
    # Judges are drawn independently of it: of a third of the users a third, and not all of them.
    judges = pd.util.hash_array(np.array(sorted(set(kept)), dtype=object)) % np.uint64(3) == 0
    assert 0.2 < judges.mean() < 0.47


def test_a_night_learns_from_users_that_are_drawn_and_lists_all(lake):
    told = settings()
    few = told.model_copy(update={"recommender": told.recommender.model_copy(update={"max_users": 1})})
    past, [window] = read_windows(lake, few, [CUT], 1, day(5))
    assert len(past.history.users) < len(read_past(lake, few, day(5)).history.users)
    assert set(window.past.history.users) <= set(past.history.users)
    assert past.days.n_users.sum() == read_past(lake, few, day(5)).days.n_users.sum()


def test_labels_that_are_not_closed_are_refused(lake):
    assert labels_close(settings(), CUT, 2) == day(5)
    with pytest.raises(ValueError, match="labels of 3 days after 2025-03-05 have not closed by 2025-03-08"):
        read_windows(lake, settings(), [CUT], 3, day(5))
    with pytest.raises(MissingPartitionError, match=r"user_status.*2025-03-09"):
        read_window(lake, settings(), CUT, 3)


def test_profiles_of_the_cut_name_items_that_nobody_touched(lake):
    told = {"item_id": "c", "title": "Cup", "category": "home", "valid_from": MONDAY, "is_available": True}
    put(lake, "item_profiles", CUT, [told, told | {"item_id": "a", "is_available": False}])
    catalogue = read_past(lake, settings(), CUT).catalogue
    assert catalogue.items.tolist() == ["a", "b", "c"]
    assert catalogue.title.tolist() == ["Cup", "", "Cup"]
    assert catalogue.first_age.tolist() == [2, 2, NEVER]
    assert catalogue.is_available.tolist() == [False, True, True]


def test_without_activity_of_the_cut_places_are_not_known(lake):
    lake.retire("user_activity", CUT)
    assert read_past(lake, settings(), CUT).history.places["country"].tolist() == ["", ""]


def test_days_that_have_left_the_lake_are_no_gap_but_one_in_between_is(lake):
    for table in ("user_item_daily", "item_daily"):
        lake.retire(table, day(0))
    assert read_past(lake, settings(), CUT).history.age.tolist() == [1, 0]
    lake.retire("item_daily", CUT)
    with pytest.raises(MissingPartitionError, match=f"item_daily.*{CUT}.*run clean_events"):
        read_past(lake, settings(), CUT)


def test_another_schema_and_a_damaged_file_are_named(lake):
    put(lake, "user_item_daily", day(0), ARRIVED[0], schema_version=1)
    with pytest.raises(StorageError, match="2025-03-03: it has schema version 1, this code reads 2"):
        read_past(lake, settings(), CUT)
    put(lake, "user_item_daily", day(0), ARRIVED[0])
    manifest = lake.require("user_item_daily", day(0), "")
    lake.paths(manifest)[0].write_bytes(b"PAR1")
    with pytest.raises(StorageError, match="2025-03-03: a file is damaged or gone"):
        read_past(lake, settings(), CUT)
