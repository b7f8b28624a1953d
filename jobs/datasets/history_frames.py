"""Histories as a frame with a row per user: what a served recommender is asked with, outside of a night.

The lists of a row are as long as each other and stand in the order of the rows of `History`: item, then from the
oldest day to the newest.
"""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.core.table import Column
from jobs.datasets.history import COUNTS, PLACES, Goal, History, Ids

LISTS = ("items", "ages", "moments", *COUNTS)
"""Columns that hold one entry per item and day."""

HISTORY_COLUMNS = (
    Column("key", "string", "handed back with the answer: a user id, or any other text"),
    Column("run_date", "string", "YYYY-MM-DD: last day of the history, the same in all rows"),
    Column("country", "string", "last known country; empty where it is not known", nullable=True),
    Column("platform", "string", "last known platform; empty where it is not known", nullable=True),
    Column("items", "array<string>", "one entry per item and day with an event; an item may come often"),
    Column("ages", "array<long>", "days from the day of the events to the run date, 0 for the run date itself"),
    Column("moments", "array<long>", "microseconds of UTC since 1970 of the day's first event with the item"),
    Column("n_shown", "array<long>", "how often the item was shown"),
    Column("n_opened", "array<long>", "how often it was opened"),
    Column("n_wanted", "array<long>", "how often it was put into a cart, or the like"),
    Column("n_purchases", "array<long>", "purchases less refunds and cancellations"),
    Column("weight", "array<double>", "sum of the configuration's events.weights"),
)
"""Columns of the frame; the counts are those of `user_item_daily`."""


def build_history_frame(history: History, keys: Ids | None = None) -> pd.DataFrame:
    """A history as a frame.

    Parameters
    ----------
    history
        Of any users.
    keys
        Shape (n_users,): what stands for each user; by default the ids.

    Returns
    -------
    DataFrame
        One row per user, also of those without any event: `HISTORY_COLUMNS`.
    """
    starts = history.indptr[1:-1]
    values = {
        "items": history.items[history.item].astype(object),
        "ages": history.age.astype(np.int64),
        "moments": history.moment,
        **{name: history.counts[name].astype(_count_type(name)) for name in COUNTS},
    }
    lists = {name: [part.tolist() for part in np.split(values[name], starts)] for name in LISTS}
    n_users = len(history.users)
    frame = pd.DataFrame(
        {
            "key": (history.users if keys is None else keys).astype(object),
            "run_date": [str(history.cut)] * n_users,
            **{name: history.places[name].astype(object) for name in PLACES},
            **{name: of_users[:n_users] for name, of_users in lists.items()},
        }
    )
    return frame[[column.name for column in HISTORY_COLUMNS]]


def read_history_frame(frame: pd.DataFrame, items: Ids, goal: Goal) -> History:
    """The history that a frame tells.

    Parameters
    ----------
    frame
        `HISTORY_COLUMNS`, at least one row.
    items
        Ascending; entries of other items are left out.
    goal
        What counts as reached.

    Returns
    -------
    History
        A user per row, in the order of the rows; named by the row's number, since keys may repeat.

    Raises
    ------
    ModelError
        If a column is missing, the lists of a row differ in length, or rows are of different run dates.
    """
    missing = sorted({column.name for column in HISTORY_COLUMNS} - set(frame.columns) - set(PLACES))
    if missing:
        raise ModelError(f"histories have no columns {missing}; read_histories of the package gives all of them")
    lengths = _lengths(frame)
    names = np.array([f"{row:09d}" for row in range(len(frame))], dtype=np.str_)
    cut = _run_date(frame)
    rows = pd.DataFrame(
        {
            "user_id": np.repeat(names.astype(object), lengths),
            "item_id": _joined(frame, "items", object),
            "event_day": np.datetime64(cut) - _joined(frame, "ages", np.int64).astype("timedelta64[D]"),
            "first_event_time": _joined(frame, "moments", np.int64).astype("datetime64[us]"),
            **{name: _joined(frame, name, np.float64) for name in COUNTS},
        }
    )
    places = pd.DataFrame({"user_id": names.astype(object), **{name: _place(frame, name) for name in PLACES}})
    return History.from_frame(rows, cut, goal, places, items=items, users=names)


def _count_type(name: str) -> type[np.float64] | type[np.int64]:
    return np.float64 if name == "weight" else np.int64


def _lengths(frame: pd.DataFrame) -> npt.NDArray[np.int64]:
    lengths = pd.DataFrame({name: frame[name].map(len) for name in LISTS})
    uneven = lengths.nunique(axis=1) > 1
    if uneven.any():
        row = int(np.flatnonzero(uneven)[0])
        got = ", ".join(f"{name} {length}" for name, length in lengths.iloc[row].items())
        raise ModelError(f"the lists of row {row} (key '{frame['key'].iloc[row]}') differ in length: {got}")
    return lengths["items"].to_numpy(np.int64)


def _run_date(frame: pd.DataFrame) -> date:
    found = sorted(set(frame["run_date"]))
    if len(found) != 1:
        raise ModelError(f"histories of a call must end on one run date, got {found or 'no row'}; call once for each")
    try:
        return date.fromisoformat(found[0])
    except ValueError:
        raise ModelError(f"run_date '{found[0]}' is not a date; write it as 2025-03-01") from None


def _joined(frame: pd.DataFrame, name: str, kind: type) -> npt.NDArray[Any]:
    return np.array([value for values in frame[name] for value in values], dtype=kind)


def _place(frame: pd.DataFrame, name: str) -> list[str]:
    if name not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[name]]
