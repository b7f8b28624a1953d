"""The predictions of users: what each is, whom it is of, and its training set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.table import Column, Table
from jobs.datasets.labels import churn, conversion, return_visit, value
from jobs.datasets.segments import build_segments
from jobs.features import user_activity

# What a model may learn from: everything numeric in the view. Country and platform are for groups.
FEATURES: tuple[str, ...] = tuple(
    column.name for column in user_activity.SPEC.features if column.type in ("long", "double")
)
GROUPS = ("country", "platform")
READ = ("user_id", *FEATURES, *GROUPS)
"""All that is read of the view: its lists would take more room than everything else."""

_DRAW_KEY = "nightjar:drawing"  # sixteen bytes, as the hash takes them

Label = Callable[[pd.Series, pd.DataFrame, date, int, Settings], npt.NDArray[np.float64]]

PREDICTION_TRAINING = Table(
    name="prediction_training",
    doc="One row per prediction, cut and user it is of at that cut; features know nothing after the end of the cut.",
    kind="training",
    grain=("prediction", "cut", "user_id"),
    columns=(
        Column("prediction", "string", "churn, conversion, value or return_visit"),
        Column("cut", "date", "last day that the features know"),
        Column("split", "string", "train, between, holdout or fresh; see label_cuts"),
        Column("user_id", "string", "user"),
        Column("segment", "string", "new, active or dormant at the cut; for the prior"),
        Column("country", "string", "at the cut; for groups", nullable=True),
        Column("platform", "string", "at the cut; for groups", nullable=True),
        Column(
            "target",
            "double",
            "what happened in the window after the cut, see datasets/labels/; unknown of a fresh cut",
            nullable=True,
        ),
        Column(
            "order_target", "double", "the same of churn.order_days, to learn the order of users from; else target"
        ),
        *(Column(name, "double", "see features/user_activity.py", nullable=True) for name in FEATURES),
    ),
    owner="data-science",
    schema_version=3,
)


@dataclass(frozen=True)
class Prediction:
    """One prediction.

    Attributes
    ----------
    name
        Role, view and section of the configuration.
    days
        Lengths of the windows, of the settings; the last closes the label.
    label
        What happened to users in so many days after a cut.
    order_days
        Length of the shorter window that the order of users is learned from; None: of the window itself.
    """

    name: str
    days: Callable[[Settings], tuple[int, ...]]
    label: Label
    order_days: Callable[[Settings], int | None] = lambda settings: None


PREDICTIONS: dict[str, Prediction] = {
    told.name: told
    for told in (
        Prediction(
            "churn",
            lambda settings: (settings.churn.horizon_days,),
            lambda users, daily, cut, days, settings: churn.build(users, daily, cut, days),
            lambda settings: settings.churn.order_days,
        ),
        Prediction(
            "conversion",
            lambda settings: (settings.predictions.conversion.horizon_days,),
            lambda users, daily, cut, days, settings: conversion.build(
                users, daily, cut, days, settings.predictions.conversion.goal
            ),
        ),
        Prediction(
            "value",
            lambda settings: (settings.predictions.value.horizon_days,),
            lambda users, daily, cut, days, settings: value.build(users, daily, cut, days),
        ),
        Prediction(
            "return_visit",
            lambda settings: settings.predictions.return_visit.days,
            lambda users, daily, cut, days, settings: return_visit.build(users, daily, cut, days),
        ),
    )
}


def at_risk_days(settings: Settings) -> int:
    """A user with an event within so many days before the cut is predicted of."""
    return settings.churn.at_risk_days or settings.activity.days


def label_cuts(settings: Settings, run_date: date, prediction: Prediction) -> dict[date, str]:
    """Cuts and their split, latest first; those before the app's first day are left out.

    The latest with a label is judged on (`holdout`), so that its window has closed, lateness included: ``run date -
    horizon - max_late_days``. Of the others, ``churn.cut_step_days`` apart, those whose windows had closed before the
    features of the holdout end train the model that is judged (`train`); the model that serves learns from those
    `between` too. Where the order of users is learned from a shorter window, there are cuts after the holdout whose
    shorter window alone has closed (`fresh`): the model that serves learns the order from them, and no probability.
    """
    horizon, order = prediction.days(settings)[-1], prediction.order_days(settings)
    step, late = settings.churn.cut_step_days, settings.max_late_days
    latest = run_date - timedelta(horizon + late)
    n_between = -(-(horizon + late) // step)
    n_fresh = (horizon - order) // step if order else 0
    cuts = {latest + timedelta(step * n): "fresh" for n in range(n_fresh, 0, -1)}
    cuts |= {latest: "holdout"}
    cuts |= {latest - timedelta(step * n): "between" for n in range(1, n_between)}
    cuts |= {latest - timedelta(step * n): "train" for n in range(n_between, n_between + settings.churn.cuts)}
    return {cut: split for cut, split in cuts.items() if cut >= settings.schedule.first_day}


def before_holdout(rows: pd.DataFrame, order_days: int | None, late: int) -> pd.DataFrame:
    """Rows of a training set that were known when the holdout's features ended.

    Of a cut `between` that is the target of the shorter window, if it had closed by then; its target is not known.
    """
    train, holdout = rows[rows["split"] == "train"], rows.loc[rows["split"] == "holdout", "cut"]
    if order_days is None or holdout.empty:
        return train
    newest = holdout.iloc[0] - timedelta(order_days + late)
    near = rows[(rows["split"] == "between") & (rows["cut"] <= newest)]
    return pd.concat([train, near.assign(target=np.nan)], ignore_index=True)


def all_cuts(settings: Settings, run_date: date) -> list[date]:
    """Cuts of every prediction, ascending."""
    return sorted({cut for told in PREDICTIONS.values() for cut in label_cuts(settings, run_date, told)})


def label_days(settings: Settings, run_date: date) -> list[date]:
    """Days whose `user_daily` partitions tell what happened: from the day after the earliest cut on."""
    cuts = all_cuts(settings, run_date)
    return [cuts[0] + timedelta(n) for n in range(1, (run_date - cuts[0]).days + 1)] if cuts else []


def drawn(rows: pd.DataFrame, n_users: int, most: int) -> pd.DataFrame:
    """Rows of the users that a training set is made of: all, or every second, third, ... by a hash of their id.

    Parameters
    ----------
    rows
        With a `user_id`.
    n_users
        Of the largest table that is drawn from; the share is the same for all, so that users stay the same.
    most
        About so many users are left.
    """
    share = -(-n_users // most)
    if share <= 1:
        return rows
    # Folds, and the rows that a model learns from, take parts of the hash without this key.
    hashed = pd.util.hash_array(rows["user_id"].to_numpy(dtype=object), hash_key=_DRAW_KEY)
    kept: pd.DataFrame = rows[hashed % np.uint64(share) == 0]
    return kept


def population(features: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Rows of `user_activity` of users at risk."""
    return features[features["days_since_event"] < at_risk_days(settings)].reset_index(drop=True)


def build(
    prediction: Prediction, features: Mapping[date, pd.DataFrame], daily: pd.DataFrame, settings: Settings, day: date
) -> pd.DataFrame:
    """Join the features at each cut with what happened after it.

    Parameters
    ----------
    prediction
        What is predicted.
    features
        `user_activity` at each cut; users not at risk are dropped.
    daily
        `user_daily` rows of all days after the earliest cut, by day of event.
    settings, day
        Give the windows.

    Returns
    -------
    pandas.DataFrame
        The columns of `PREDICTION_TRAINING`.
    """
    parts = []
    for cut, split in sorted(label_cuts(settings, day, prediction).items()):
        if cut in features:
            rows = population(features[cut], settings)
            segment = build_segments(rows, settings.activity)["segment"].to_numpy()
            targets = _targets(prediction, rows["user_id"], daily, cut, split, settings)
            labelled = rows.assign(**targets)
            parts.append(labelled.assign(prediction=prediction.name, cut=cut, split=split, segment=segment))
    columns = list(PREDICTION_TRAINING.column_names)
    joined = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return joined[columns].astype(dict.fromkeys(FEATURES, "float64"))


def _targets(
    prediction: Prediction, users: pd.Series, daily: pd.DataFrame, cut: date, split: str, settings: Settings
) -> dict[str, npt.NDArray[np.float64]]:
    horizon, order = prediction.days(settings)[-1], prediction.order_days(settings)
    is_over = split != "fresh"
    target = prediction.label(users, daily, cut, horizon, settings) if is_over else np.full(len(users), np.nan)
    return {
        "target": target,
        "order_target": prediction.label(users, daily, cut, order, settings) if order else target,
    }
