"""A notebook's histories are the night's: the same rows of the lake, read by two readers."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd

from jobs.adapters.lake import Lake
from jobs.adapters.lake.histories import read_histories
from jobs.adapters.lake.put import put_partition
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.datasets.history_frames import build_history_frame
from jobs.datasets.tables import table_named
from jobs.stages.recommender_windows import read_past

FIRST = date(2025, 3, 3)
N_DAYS = 5
LAST = FIRST + timedelta(N_DAYS - 1)
FILL = {"string": None, "long": 0, "double": 0.0, "decimal(18,4)": Decimal(0), "array<long>": [0], "date": FIRST}


def put(lake, name, run_date, rows):
    table = table_named(name)
    fill = {column.name: None if column.nullable else FILL.get(column.type) for column in table.columns}
    frame = pd.DataFrame([fill | row for row in rows], columns=list(table.column_names))
    put_partition(lake, table, run_date, frame, "test")


def pairs_of(rng, run_date):
    """Each day some pairs, a few of them late; ids that sort otherwise than they were put."""
    made = {}
    for _ in range(30):
        user, item = f"u{rng.integers(9)}", f"item {rng.integers(12)}"
        event_day = run_date - timedelta(int(rng.integers(2)) if run_date > FIRST else 0)
        made[user, item, event_day] = {
            "user_id": user,
            "item_id": item,
            "event_day": event_day,
            "n_events": 3,
            "n_shown": int(rng.integers(4)),
            "n_purchases": int(rng.integers(-1, 3)),
            "weight": Decimal(int(rng.integers(-20000, 90000))) / 10000,
            "first_event_time": pd.Timestamp(event_day, tz="UTC")
            + pd.Timedelta(microseconds=int(rng.integers(8e10))),
        }
    return list(made.values())


def test_the_same_histories_as_the_night_s(tmp_path):
    lake = Lake(Home(tmp_path, "sample").lake)
    rng = np.random.default_rng(3)
    for number in range(N_DAYS):
        day = FIRST + timedelta(number)
        put(lake, "user_item_daily", day, pairs_of(rng, day))
        put(lake, "item_daily", day, [{"item_id": f"item {n}", "n_events": 1} for n in range(12)])
    places = [{"user_id": f"u{n}", "country": "NL" if n % 2 else None, "platform": "web"} for n in range(7)]
    end = pd.Timestamp(LAST + timedelta(1), tz="UTC")
    put(lake, "user_state", LAST, places)
    put(lake, "user_activity", LAST, [{**place, "event_timestamp": end} for place in places])
    gone = {"user_id": "u3", "status": "deleted", "since": end}
    put(lake, "user_status", LAST, [gone])

    for history_days in (400, 3):
        overrides = {"schedule.first_day": str(FIRST), "recommender.history_days": history_days}
        history = read_past(lake, load_settings("sample", overrides=overrides), LAST).history
        expected = build_history_frame(history)
        found = read_histories(tmp_path, "sample", history.users.tolist(), LAST, history_days)
        pd.testing.assert_frame_equal(found, expected)
        assert "u3" not in expected["key"].tolist()
        assert read_histories(tmp_path, "sample", ["u3"], LAST, history_days)["items"].tolist() == [[]]
