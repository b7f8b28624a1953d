"""Histories read with pyarrow, beside the same rows through the whole tables."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.lake.histories import read_histories
from jobs.adapters.lake.put import put_partition
from jobs.core.daily_schemas import USER_ITEM_DAILY
from jobs.core.errors import MissingPartitionError, StorageError
from jobs.core.home import Home
from jobs.core.schemas import USER_STATUS
from jobs.core.state_schemas import USER_STATE
from jobs.datasets.history import History
from jobs.datasets.history_frames import build_history_frame

DAYS = (date(2025, 3, 1), date(2025, 3, 2), date(2025, 3, 3))
LAST = DAYS[-1]
USERS = ("ann", "bob", "cid", "dan", 'it\'s "q"')


def pair(user, item, day, hour, purchases=1, weight="5.0000"):
    time = pd.Timestamp(day).tz_localize("UTC") + pd.Timedelta(hours=hour)
    return (user, item, day, 2, 1, 1, 0, purchases, Decimal(weight), time)


ARRIVED = {
    DAYS[0]: [pair(user, "a", DAYS[0], 8) for user in USERS],
    DAYS[1]: [pair("ann", "b", DAYS[1], 9), pair("cid", "a", DAYS[1], 9)],
    DAYS[2]: [
        pair("ann", "a", DAYS[2], 1, 0, "1.5000"),
        pair("ann", "b", DAYS[1], 7, -1, "-5.0000"),  # late, and earlier on that day than what came first
        pair("eve", "c", DAYS[2], 1),
    ],
}


def put(lake, table, day, rows):
    put_partition(lake, table, day, pd.DataFrame(rows, columns=list(table.column_names)), "test")


def state_rows(places):
    empty = dict.fromkeys(USER_STATE.column_names)
    numbers = {column.name: 0 for column in USER_STATE.columns if column.type in ("long", "double")}
    decimals = {column.name: Decimal(0) for column in USER_STATE.columns if column.type.startswith("decimal")}
    lists = {column.name: [0] for column in USER_STATE.columns if column.type.startswith("array")}
    dates = {column.name: DAYS[0] for column in USER_STATE.columns if column.type == "date"}
    filled = {**empty, **numbers, **decimals, **lists, **dates}
    return [{**filled, "user_id": user, "country": country} for user, country in places.items()]


@pytest.fixture
def home(tmp_path):
    lake = Lake(Home(tmp_path, "sample").lake)
    for day, rows in ARRIVED.items():
        put(lake, USER_ITEM_DAILY, day, rows)
    since = pd.Timestamp("2025-03-02", tz="UTC")
    statuses = [("bob", "opted_out", since), ("cid", "active", since), ("dan", "deleted", since)]
    put(lake, USER_STATUS, LAST, statuses)
    put(lake, USER_STATE, LAST, state_rows({"ann": "NL", "bob": "DE", "cid": None}))
    return tmp_path


def test_it_is_what_the_whole_tables_say(home):
    lake = Lake(Home(home, "sample").lake)
    rows = pd.concat([read_pandas(lake, USER_ITEM_DAILY, lake.manifest("user_item_daily", day)) for day in DAYS])
    places = read_pandas(lake, USER_STATE, lake.manifest("user_state", LAST), ["user_id", "country", "platform"])
    users = np.array(["ann", "cid"])
    expected = build_history_frame(History.from_frame(rows, LAST, "purchases", places, users=users))
    pd.testing.assert_frame_equal(read_histories(home, "sample", ["ann", "cid"], LAST), expected)


def test_days_ages_and_late_rows(home):
    (ann,) = read_histories(home, "sample", ["ann"], LAST).to_dict("records")
    assert (ann["key"], ann["run_date"], ann["country"], ann["platform"]) == ("ann", "2025-03-03", "NL", "")
    assert ann["items"] == ["a", "a", "b"]
    assert ann["ages"] == [2, 0, 1]
    assert ann["n_purchases"] == [1, 0, 0]
    assert ann["weight"] == [5.0, 1.5, 0.0]
    assert pd.Timestamp(ann["moments"][2], unit="us").hour == 7


def test_rows_keep_the_order_that_was_asked_for(home):
    asked = ["nobody", 'it\'s "q"', "ann"]
    frame = read_histories(home, "sample", asked, LAST)
    assert frame["key"].tolist() == asked
    assert frame["items"].map(len).tolist() == [0, 1, 3]


def test_who_opted_out_or_asked_to_be_deleted_is_a_stranger(home):
    frame = read_histories(home, "sample", ["bob", "cid", "dan"], LAST).set_index("key")
    assert frame["items"].map(len).to_dict() == {"bob": 0, "cid": 2, "dan": 0}
    assert frame["country"].tolist() == ["", "", ""]


def test_an_earlier_run_date_sees_no_later_day(home):
    lake = Lake(Home(home, "sample").lake)
    put(lake, USER_STATUS, DAYS[1], [])
    put(lake, USER_STATE, DAYS[1], state_rows({}))
    (ann,) = read_histories(home, "sample", ["ann"], DAYS[1]).to_dict("records")
    assert (ann["items"], ann["ages"], ann["n_purchases"]) == (["a", "b"], [1, 0], [1, 1])


def test_older_days_are_left_out(home):
    (ann,) = read_histories(home, "sample", ["ann"], LAST, days=2).to_dict("records")
    assert (ann["items"], ann["ages"]) == (["a", "b"], [0, 1])


def test_an_attempt_that_is_not_current_is_not_read(home):
    lake = Lake(Home(home, "sample").lake)
    attempt = lake.begin("user_item_daily")
    attempt.partition(LAST).mkdir()
    (attempt.partition(LAST) / "part-0.parquet").write_text("half")
    assert read_histories(home, "sample", ["ann"], LAST)["items"].map(len).tolist() == [3]


def test_a_night_that_was_not_run_is_named(home):
    with pytest.raises(
        MissingPartitionError, match=r"'user_status' has no partition run_date=2025-03-04.*clean_events"
    ):
        read_histories(home, "sample", ["ann"], date(2025, 3, 4))


def test_a_damaged_file_is_named(home):
    lake = Lake(Home(home, "sample").lake)
    lake.paths(lake.manifest("user_item_daily", LAST))[0].write_text("broken")
    with pytest.raises(StorageError, match="a file is damaged or gone"):
        read_histories(home, "sample", ["ann"], LAST)
