"""Rows of the serving views: tables of the lake turned into what an app reads with one key."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from jobs.core.config.model import ActivitySettings
from jobs.datasets.segments import build_segments
from jobs.datasets.serving_lists import LISTS
from jobs.features.online import views_withdrawn
from jobs.features.serving import (
    LIST_VIEWS,
    PREDICTION_VIEWS,
    PROFILE_VIEWS,
    USER_SEGMENT,
    USER_SERVING,
    USER_STAGE,
)
from jobs.features.spec import FeatureView


def build_user_serving(
    activity: pd.DataFrame,
    resting: Iterable[str],
    status: pd.DataFrame,
    settings: ActivitySettings,
    event_time: datetime,
) -> pd.DataFrame:
    """How the ladder of lists starts for each user.

    Parameters
    ----------
    activity
        One row per known user who does not rest: `user_id`, `tenure_days`, `days_since_event`.
    resting
        Known users at rest; those who returned since may be among them.
    status
        Rows of `user_status`; a user without one is active.
    settings
        Who counts as new and as dormant.
    event_time
        End of the run date, UTC.

    Returns
    -------
    DataFrame
        One row per known user, deleted ones included: the columns of `user_serving`.
    """
    here = build_segments(activity, settings)
    away = sorted(set(resting) - set(activity["user_id"]))
    segments = pd.concat(
        [here, pd.DataFrame({"user_id": away, "segment": "dormant"}, dtype=object)], ignore_index=True
    )
    rows = segments.merge(status[["user_id", "status"]], on="user_id", how="left", validate="one_to_one")
    rows["status"] = rows["status"].fillna("active")
    return _contract(USER_SERVING, rows, event_time)


def personal_users(user_serving: pd.DataFrame) -> set[str]:
    """Users with personal rows of their own: active status, and not dormant."""
    own = user_serving["status"].eq("active") & user_serving["segment"].ne("dormant")
    return set(user_serving.loc[own, "user_id"])


def delisted_items(profiles: pd.DataFrame, blocked: Iterable[str]) -> set[str]:
    """Items that nobody may be shown.

    Parameters
    ----------
    profiles
        Rows of `item_profiles`: item_id, is_available.
    blocked
        Item ids of `lists.blocked`.
    """
    return {*profiles.loc[~profiles["is_available"].astype(bool), "item_id"], *blocked}


def withdraw_items(frames: Mapping[str, pd.DataFrame], delisted: Collection[str]) -> dict[str, pd.DataFrame]:
    """Take items out of the lists of every view; a list of which nothing is left loses its row.

    Parameters
    ----------
    frames
        Rows by name of the view.
    delisted
        Items that nobody may be shown any more.
    """
    gone = frozenset(delisted)
    lists = {listed.view.name for listed in LIST_VIEWS}
    return {name: _without(frame, gone) if name in lists else frame for name, frame in frames.items()}


def build_predictions(predictions: pd.DataFrame, event_time: datetime) -> dict[str, pd.DataFrame]:
    """One row per scored user in the view of each prediction, by its name."""
    return {
        view.name: _contract(view, predictions[predictions["prediction"] == view.name], event_time)
        for view in PREDICTION_VIEWS
    }


def build_profiles(
    tables: Mapping[str, pd.DataFrame], segments: pd.DataFrame, personal: Collection[str], event_time: datetime
) -> dict[str, pd.DataFrame]:
    """Rows of the views of profiles, by name of the view.

    Parameters
    ----------
    tables
        Rows by name of the view: `user_segments` for `user_segment`, and so on.
    segments
        Rows of `segments`: they name the groups.
    personal
        Users with personal rows of their own; the stage is told of all.
    event_time
        End of the run date, UTC.
    """
    titles = segments.set_index("segment")["title"]
    frames: dict[str, pd.DataFrame] = {}
    for view in PROFILE_VIEWS:
        rows = tables[view.name]
        own = rows if view is USER_STAGE else rows[rows["user_id"].isin(list(personal))]
        told = own.assign(title=own["segment"].map(titles).astype(object)) if view is USER_SEGMENT else own
        frames[view.name] = _contract(view, told, event_time)
    return frames


def withdraw_users(frames: Mapping[str, pd.DataFrame], status: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Apply what users decided to the rows of every view.

    Parameters
    ----------
    frames
        Rows by name of the view.
    status
        Rows of `user_status`.

    Returns
    -------
    dict
        The same views without the rows that a user's status takes away, and with `user_serving`
        naming the new status.
    """
    withdrawn = {name: set[str]() for name in frames}
    for user, current in zip(status["user_id"], status["status"], strict=True):
        for name in views_withdrawn(current):
            withdrawn.setdefault(name, set()).add(user)
    kept = {
        name: frame[~frame["user_id"].isin(withdrawn[name])] if withdrawn[name] else frame
        for name, frame in frames.items()
    }
    kept[USER_SERVING.name] = _with_status(kept[USER_SERVING.name], status)
    return kept


def _without(lists: pd.DataFrame, gone: frozenset[str]) -> pd.DataFrame:
    touched = np.array([not gone.isdisjoint(items) for items in lists["items"]], dtype=np.bool_)
    if not touched.any():
        return lists
    kept = [[place for place, item in enumerate(items) if item not in gone] for items in lists["items"]]
    left = lists.copy()
    for name in LISTS.keys() & set(lists.columns):
        left[name] = [[values[place] for place in places] for values, places in zip(lists[name], kept, strict=True)]
    return left[[bool(places) for places in kept]].reset_index(drop=True)


def _with_status(user_serving: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    newest = dict(zip(status["user_id"], status["status"], strict=True))
    return user_serving.assign(status=user_serving["user_id"].map(newest).fillna(user_serving["status"]))


def _contract(view: FeatureView, rows: pd.DataFrame, event_time: datetime) -> pd.DataFrame:
    stamped = rows.assign(event_timestamp=pd.Timestamp(event_time).as_unit("us"))
    return stamped.loc[:, list(view.table.column_names)].reset_index(drop=True)
