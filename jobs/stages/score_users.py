"""Stage score_users: what the champions predict of every user at risk."""

import logging

import numpy as np
import pandas as pd

from jobs.adapters.tracking.open import open_tracking
from jobs.core.config.actions import Actions, action_of
from jobs.core.errors import ModelError
from jobs.core.output_schemas import PREDICTIONS as TABLE
from jobs.datasets.predictions import FEATURES, PREDICTIONS, population
from jobs.datasets.segments import build_segments
from jobs.features import user_activity
from jobs.models.predictions.model import PredictionModel
from jobs.models.predictions.scoring import score
from jobs.stages.champions import champion_of
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write `predictions`; none of what has no champion yet."""
    settings = job.night.settings
    activity = job.read_pandas(user_activity.SPEC.table)
    at_risk = population(activity[~activity["user_id"].isin(deleted_users(job))], settings)
    users = at_risk.assign(segment=build_segments(at_risk, settings.activity)["segment"].to_numpy())
    # Where nobody is at risk any more there is nobody to ask a model about.
    parts = [part for name in PREDICTIONS if len(users) and (part := _scored(job, name, users)) is not None]
    if not parts:
        job.write_pandas(TABLE, pd.DataFrame(columns=list(TABLE.column_names)))
        return
    rows = _with_actions(pd.concat(parts, ignore_index=True), settings.predictions.actions)
    job.write_pandas(TABLE, rows[list(TABLE.column_names)])


def _scored(job: Job, name: str, users: pd.DataFrame) -> pd.DataFrame | None:
    champion = champion_of(job, name, job.night.run_date)
    if champion is None:
        log.warning("%s: no champion yet, nothing is predicted tonight", name)
        return None
    folder = open_tracking(job.night.settings, job.home).load_folder(name, champion.model)
    model = PredictionModel.load(folder)
    features = _features_of(model, f"{name}: {champion.model}")
    try:
        rows = _score(job, model, users, features)
    except ModelError as error:
        log.warning("%s: the base rate is served, %s cannot be asked: %s", name, champion.model, error)
        model.heads = []
        rows = score(model, users, features)
    return rows.assign(model=champion.model)


def _features_of(model: PredictionModel, who: str) -> list[str]:
    """Tonight's features less those that came after the champion was trained: it said what it says without them."""
    unseen = [name for name in FEATURES if name not in model.features]
    if model.heads and unseen:
        log.warning("%s was trained without the features %s, and is asked without them", who, ", ".join(unseen))
    return [name for name in FEATURES if name in model.features]


def _score(job: Job, model: PredictionModel, users: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    settings = job.night.settings.predictions
    if settings.engine == "local":
        return score(model, users, features)
    from jobs.stages.scores_by_part import score_by_part

    return score_by_part(job.spark, model, users, features, settings.users_per_part)


def _with_actions(rows: pd.DataFrame, rules: Actions) -> pd.DataFrame:
    """The hint of the first rule that holds for each row; rules see all predictions of the user."""
    facts: dict[str, dict[str, float]] = {}
    told = zip(rows["user_id"], rows["prediction"], rows["probability"], rows["expected"], strict=True)
    for user, prediction, probability, expected in told:
        own = facts.setdefault(user, {})
        own[prediction] = expected if prediction == "value" else probability
        if prediction == "return_visit" and not np.isnan(expected):
            own["return_days"] = expected
    pairs = zip(rows["user_id"], rows["prediction"], strict=True)
    return rows.assign(action=[action_of(rules, prediction, facts[user]) for user, prediction in pairs])
