"""Histories of given users out of the lake, with pyarrow alone: what a notebook asks a served recommender with.

Only partitions that are current count, each through its manifest; a night that is half done is not seen.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from jobs.adapters.lake.arrow import read_pandas_where
from jobs.adapters.lake.days import manifests_between
from jobs.adapters.lake.store import Lake
from jobs.core.daily_schemas import USER_ITEM_DAILY
from jobs.core.home import Home
from jobs.core.schemas import USER_STATUS
from jobs.core.state_schemas import USER_STATE
from jobs.core.table import Table
from jobs.datasets.history import History, Ids
from jobs.datasets.history_frames import build_history_frame
from jobs.datasets.recommender_rows import PAIR_COLUMNS, PLACE_COLUMNS

HISTORY_DAYS = 400  # as recommender.history_days, where an app does not set its own


def read_histories(
    home: Path, app: str, users: Sequence[str], run_date: date, days: int = HISTORY_DAYS
) -> pd.DataFrame:
    """What some users did up to the end of a run date, as ``predict`` of a served recommender takes it.

    Parameters
    ----------
    home
        ``NIGHTJAR_HOME``.
    app
        The app.
    users
        User ids as they stand in the lake, each once. One that is not known, opted out or asked to be deleted has a
        row without events: it gets what everybody gets.
    run_date
        The night, and the last day that counts.
    days
        Events of so many days count, the run date included: the app's recommender.history_days.

    Returns
    -------
    DataFrame
        One row per user, in the order of `users`: `jobs.datasets.history_frames.HISTORY_COLUMNS`, ``key`` being the
        user id.

    Raises
    ------
    MissingPartitionError
        If the night has not cleaned its events or built its features, or a day before it is missing.
    StorageError
        If a file of the lake is damaged.
    """
    lake = Lake(Home(home, app).lake)
    asked = np.array(list(dict.fromkeys(users)), dtype=np.str_)
    known = np.setdiff1d(asked, _withdrawn(lake, asked, run_date))
    history = History.from_frame(
        _events(lake, known, run_date, days),
        run_date,
        # A frame tells counts; whoever reads it decides what is a goal.
        "wants",
        _of_day(lake, USER_STATE, "build_features", known, run_date, PLACE_COLUMNS),
        users=np.sort(asked),
    )
    frame = build_history_frame(history).set_index("key", drop=False)
    in_order: pd.DataFrame = frame.loc[asked.tolist()]
    return in_order.reset_index(drop=True)


def _withdrawn(lake: Lake, users: Ids, run_date: date) -> Ids:
    status = _of_day(lake, USER_STATUS, "clean_events", users, run_date, ("user_id", "status"))
    return status[status["status"] != "active"]["user_id"].to_numpy(dtype=np.str_)


def _events(lake: Lake, users: Ids, run_date: date, days: int) -> pd.DataFrame:
    """Rows of events within the days, of all partitions that can hold one: late ones arrive after their day."""
    first = run_date - timedelta(days - 1)
    manifests = manifests_between(lake, USER_ITEM_DAILY, first, run_date, "clean_events")
    ids = users.tolist()
    parts = [read_pandas_where(lake, USER_ITEM_DAILY, one, {"user_id": ids}, PAIR_COLUMNS) for one in manifests]
    rows = pd.concat(parts, ignore_index=True)
    return rows[rows["event_day"] >= first]


def _of_day(lake: Lake, table: Table, made_by: str, users: Ids, day: date, columns: Sequence[str]) -> pd.DataFrame:
    manifest = lake.require(table.name, day, made_by)
    return read_pandas_where(lake, table, manifest, {"user_id": users.tolist()}, columns)
