"""The churn training set: features at several cuts, and whether the user came back after each."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.table import Column, Table
from jobs.features import user_activity

# What a model may learn from: everything numeric in the view. Country and platform are for groups.
FEATURES: tuple[str, ...] = tuple(
    column.name for column in user_activity.SPEC.features if column.type in ("long", "double")
)

CHURN_TRAINING = Table(
    name="churn_training",
    doc="One row per cut and user at risk at that cut; features know nothing after the end of the cut.",
    kind="training",
    grain=("cut", "user_id"),
    columns=(
        Column("cut", "date", "last day that the features know"),
        Column("split", "string", "train or holdout; the holdout is the latest cut"),
        Column("user_id", "string", "user"),
        Column("churned", "boolean", "no intent event in (cut, cut + churn.horizon_days]"),
        *(Column(name, "double", "see features/user_activity.py", nullable=True) for name in FEATURES),
    ),
    owner="data-science",
)


def label_cuts(settings: Settings, run_date: date) -> list[date]:
    """The cuts, latest first; those before the app's first day are left out.

    The latest is judged on, so that its label window has closed, lateness included:
    ``run date - horizon - max_late_days``, the longest lateness of all logs. The others train; their windows have
    closed before the features of the latest end, and they are churn.cut_step_days apart.
    """
    churn = settings.churn
    latest = run_date - timedelta(churn.horizon_days + settings.max_late_days)
    first_train = latest - timedelta(churn.horizon_days + settings.max_late_days)
    cuts = [latest, *(first_train - timedelta(n * churn.cut_step_days) for n in range(churn.cuts))]
    return [cut for cut in cuts if cut >= settings.schedule.first_day]


def label_days(settings: Settings, run_date: date) -> list[date]:
    """Days whose `user_daily` partitions say who came back: from the day after the earliest cut on."""
    cuts = label_cuts(settings, run_date)
    if not cuts:
        return []
    return [cuts[-1] + timedelta(n) for n in range(1, (run_date - cuts[-1]).days + 1)]


def at_risk_days(settings: Settings) -> int:
    """A user with an event within so many days before the cut is judged."""
    return settings.churn.at_risk_days or settings.activity.days


def build(features: dict[date, pd.DataFrame], daily: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Join the features at each cut with what happened after it.

    Parameters
    ----------
    features
        `user_activity` at each cut; rows of users not at risk are dropped.
    daily
        `user_daily` rows of all days after the earliest cut, by day of event.
    settings
        Gives horizon and risk.

    Returns
    -------
    pandas.DataFrame
        The columns of `CHURN_TRAINING`.
    """
    parts = [_at_cut(cut, features[cut], daily, settings, cut == max(features)) for cut in sorted(features)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=CHURN_TRAINING.column_names)
    return rows[list(CHURN_TRAINING.column_names)]


def _at_cut(
    cut: date, features: pd.DataFrame, daily: pd.DataFrame, settings: Settings, holdout: bool
) -> pd.DataFrame:
    rows = features[features["days_since_event"] < at_risk_days(settings)].reset_index(drop=True)
    until = cut + timedelta(settings.churn.horizon_days)
    back = daily[(daily["event_day"] > cut) & (daily["event_day"] <= until) & (daily["n_intents"] > 0)]
    rows = rows.assign(
        cut=cut,
        split="holdout" if holdout else "train",
        churned=~np.isin(rows["user_id"].to_numpy(), back["user_id"].unique()),
    )
    return rows.astype(dict.fromkeys(FEATURES, "float64"))
