"""Stage score_users: what the champions predict of every user at risk."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from jobs.adapters.tracking.served import served_folder
from jobs.core.config.actions import Actions, action_of
from jobs.core.errors import ModelError
from jobs.core.output_schemas import PREDICTIONS as TABLE
from jobs.datasets.predictions import FEATURES, PREDICTIONS, READ, population
from jobs.datasets.segments import build_segments
from jobs.features import user_activity
from jobs.models.predictions.model import PredictionModel
from jobs.models.predictions.scoring import score
from jobs.stages.champions import champion_of
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


@dataclass(frozen=True)
class Serving:
    """A champion: its prediction, its content name, the model, and the features that it is asked with."""

    prediction: str
    name: str
    model: PredictionModel
    features: list[str]


def run(job: Job) -> None:
    """Write `predictions`; none of what has no champion yet."""
    settings = job.night.settings
    activity = job.read_pandas(user_activity.SPEC.table, columns=READ)
    at_risk = population(activity[~activity["user_id"].isin(deleted_users(job))], settings)
    users = at_risk.assign(segment=build_segments(at_risk, settings.activity)["segment"].to_numpy())
    champions = [found for name in PREDICTIONS if (found := _champion(job, name)) is not None]
    written = job.begin_parts(TABLE)
    for part in _parts(job, users) if champions else []:
        rows = pd.concat([_scored(job, champion, part) for champion in champions], ignore_index=True)
        written.add(_with_actions(rows, settings.predictions.actions)[list(TABLE.column_names)])
    job.keep_parts(written)


def _parts(job: Job, users: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Here some users after the other, ascending: what is said of a million fits into no memory. Workers take all."""
    own = job.night.settings.predictions
    size = own.users_per_part if own.engine == "local" else max(1, len(users))
    return (users.iloc[start : start + size].reset_index(drop=True) for start in range(0, len(users), size))


def _champion(job: Job, name: str) -> Serving | None:
    champion = champion_of(job, name, job.night.run_date)
    if champion is None:
        log.warning("%s: no champion yet, nothing is predicted tonight", name)
        return None
    folder = served_folder(job.night.settings, job.home, name, champion.model)
    model = PredictionModel.load(folder)
    return Serving(name, champion.model, model, _features_of(model, f"{name}: {champion.model}"))


def _scored(job: Job, champion: Serving, users: pd.DataFrame) -> pd.DataFrame:
    model = champion.model
    try:
        rows = _score(job, model, users, champion.features)
    except ModelError as error:
        log.warning("%s: the base rate is served, %s cannot be asked: %s", champion.prediction, champion.name, error)
        model.heads = []
        rows = score(model, users, champion.features)
    return rows.assign(model=champion.name)


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
