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

Label = Callable[[pd.Series, pd.DataFrame, date, Settings], npt.NDArray[np.float64]]

PREDICTION_TRAINING = Table(
    name="prediction_training",
    doc="One row per prediction, cut and user it is of at that cut; features know nothing after the end of the cut.",
    kind="training",
    grain=("prediction", "cut", "user_id"),
    columns=(
        Column("prediction", "string", "churn, conversion, value or return_visit"),
        Column("cut", "date", "last day that the features know"),
        Column("split", "string", "train, between or holdout; the holdout is the latest cut; see label_cuts"),
        Column("user_id", "string", "user"),
        Column("segment", "string", "new, active or dormant at the cut; for the prior"),
        Column("country", "string", "at the cut; for groups", nullable=True),
        Column("platform", "string", "at the cut; for groups", nullable=True),
        Column("target", "double", "what happened in the window after the cut; see datasets/labels/"),
        *(Column(name, "double", "see features/user_activity.py", nullable=True) for name in FEATURES),
    ),
    owner="data-science",
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
        What happened to users after a cut.
    """

    name: str
    days: Callable[[Settings], tuple[int, ...]]
    label: Label


PREDICTIONS: dict[str, Prediction] = {
    told.name: told
    for told in (
        Prediction(
            "churn",
            lambda settings: (settings.churn.horizon_days,),
            lambda users, daily, cut, settings: churn.build(users, daily, cut, settings.churn.horizon_days),
        ),
        Prediction(
            "conversion",
            lambda settings: (settings.predictions.conversion.horizon_days,),
            lambda users, daily, cut, settings: conversion.build(
                users, daily, cut, settings.predictions.conversion.horizon_days, settings.predictions.conversion.goal
            ),
        ),
        Prediction(
            "value",
            lambda settings: (settings.predictions.value.horizon_days,),
            lambda users, daily, cut, settings: value.build(
                users, daily, cut, settings.predictions.value.horizon_days
            ),
        ),
        Prediction(
            "return_visit",
            lambda settings: settings.predictions.return_visit.days,
            lambda users, daily, cut, settings: return_visit.build(
                users, daily, cut, settings.predictions.return_visit.days[-1]
            ),
        ),
    )
}


def at_risk_days(settings: Settings) -> int:
    """A user with an event within so many days before the cut is predicted of."""
    return settings.churn.at_risk_days or settings.activity.days


def label_cuts(settings: Settings, run_date: date, horizon: int) -> dict[date, str]:
    """Cuts and their split, latest first; those before the app's first day are left out.

    The latest is judged on, so that its label window has closed, lateness included: ``run date - horizon -
    max_late_days``. Of the others, ``churn.cut_step_days`` apart, those whose windows had closed before the features
    of the latest end train the model that is judged (`train`); the model that serves learns from those `between` too.
    """
    step, embargo = settings.churn.cut_step_days, horizon + settings.max_late_days
    latest = run_date - timedelta(embargo)
    n_between = -(-embargo // step)
    cuts = {latest: "holdout"}
    cuts |= {latest - timedelta(step * n): "between" for n in range(1, n_between)}
    cuts |= {latest - timedelta(step * n): "train" for n in range(n_between, n_between + settings.churn.cuts)}
    return {cut: split for cut, split in cuts.items() if cut >= settings.schedule.first_day}


def all_cuts(settings: Settings, run_date: date) -> list[date]:
    """Cuts of every prediction, ascending."""
    found = {cut for told in PREDICTIONS.values() for cut in label_cuts(settings, run_date, told.days(settings)[-1])}
    return sorted(found)


def label_days(settings: Settings, run_date: date) -> list[date]:
    """Days whose `user_daily` partitions tell what happened: from the day after the earliest cut on."""
    cuts = all_cuts(settings, run_date)
    return [cuts[0] + timedelta(n) for n in range(1, (run_date - cuts[0]).days + 1)] if cuts else []


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
    for cut, split in sorted(label_cuts(settings, day, prediction.days(settings)[-1]).items()):
        if cut in features:
            rows = population(features[cut], settings)
            target = prediction.label(rows["user_id"], daily, cut, settings)
            segment = build_segments(rows, settings.activity)["segment"].to_numpy()
            parts.append(
                rows.assign(prediction=prediction.name, cut=cut, split=split, segment=segment, target=target)
            )
    columns = list(PREDICTION_TRAINING.column_names)
    joined = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)
    return joined[columns].astype(dict.fromkeys(FEATURES, "float64"))
