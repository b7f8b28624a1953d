"""The recommender's training set: who wants what, up to a cut and up to the run date."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.model_schemas import RECOMMENDER_TRAINING

HISTORY, TRUTH, FULL = "holdout_history", "holdout_truth", "full"


def holdout_cut(settings: Settings, run_date: date) -> date | None:
    """Last day of the history that is judged on the days after it; None where there is no data before.

    The truth ends recommender.horizon_days later and has closed by then, `max_late_days` of all logs included.
    """
    cut = run_date - timedelta(settings.recommender.horizon_days + settings.max_late_days)
    return cut if cut >= settings.schedule.first_day else None


def truth_days(settings: Settings, run_date: date) -> list[date]:
    """Days whose `user_item_daily` partitions hold what happened after the cut."""
    cut = holdout_cut(settings, run_date)
    return [cut + timedelta(n) for n in range(1, (run_date - cut).days + 1)] if cut else []


def current_affinity(state: pd.DataFrame, day: date, half_life_days: int) -> pd.Series:
    """Affinity of `user_item_state` rows decayed to `day`."""
    return decayed_to(state["affinity"], state["affinity_day"], day, half_life_days)


def decayed_to(values: pd.Series, since: pd.Series, day: date, half_life_days: int) -> pd.Series:
    """Values as of their days `since`, decayed to `day`, six decimals; see jobs/features/decay.py."""
    age = (pd.Timestamp(day) - pd.to_datetime(since)).dt.days
    return (values * np.power(2.0, -age / half_life_days)).round(6)


def build(
    at_cut: pd.DataFrame | None, daily: pd.DataFrame, at_end: pd.DataFrame, settings: Settings, run_date: date
) -> pd.DataFrame:
    """Put the three splits together.

    Parameters
    ----------
    at_cut
        `user_item_state` at the end of the cut; None where there is no cut yet.
    daily
        `user_item_daily` rows of the days after the cut, by day of event.
    at_end
        `user_item_state` at the end of the run date.
    settings, run_date
        Give the half-life and the dates.

    Returns
    -------
    pandas.DataFrame
        The columns of `RECOMMENDER_TRAINING`; weights are positive.
    """
    parts = [_weighted(at_end, run_date, FULL, settings)]
    cut = holdout_cut(settings, run_date)
    if cut is not None and at_cut is not None:
        parts += [_weighted(at_cut, cut, HISTORY, settings), _truth(daily, cut, settings)]
    rows = pd.concat(parts, ignore_index=True)
    return rows[list(RECOMMENDER_TRAINING.column_names)]


def _weighted(state: pd.DataFrame, day: date, split: str, settings: Settings) -> pd.DataFrame:
    rows = state.assign(weight=current_affinity(state, day, settings.features.affinity_half_life_days), split=split)
    return rows[rows["weight"] > 0]


def _truth(daily: pd.DataFrame, cut: date, settings: Settings) -> pd.DataFrame:
    """What a user wanted in the horizon: positive weight in sum, so that a cancelled order is none."""
    until = cut + timedelta(settings.recommender.horizon_days)
    window = daily[(daily["event_day"] > cut) & (daily["event_day"] <= until)]
    wanted = window.groupby(["user_id", "item_id"])["weight"].sum().reset_index()
    return wanted[wanted["weight"].astype(float) > 0].assign(weight=1.0, split=TRUTH)
