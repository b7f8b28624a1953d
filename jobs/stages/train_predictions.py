"""Stage train_predictions: train every prediction on closed label windows, judge it on the latest, register it."""

import json
import logging
from datetime import timedelta
from typing import Any

import pandas as pd

from jobs.core.daily_schemas import USER_DAILY
from jobs.core.errors import ModelError
from jobs.core.fingerprint import code_fingerprint, hash_of
from jobs.core.model_schemas import PREDICTION_CHALLENGERS
from jobs.datasets import predictions
from jobs.datasets.predictions import PREDICTION_TRAINING, PREDICTIONS
from jobs.features import user_activity
from jobs.models.predictions import model as road
from jobs.models.predictions.model import PredictionModel
from jobs.stages.champions import Champion, champion_of, content_name, recipe_json
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job
from jobs.stages.prediction_judging import JudgedPrediction, compare, fit, judge
from jobs.stages.prediction_run import register
from jobs.stages.prediction_tasks import params_of, recipe_of, require_goal, task_of

log = logging.getLogger("nightjar")


def run(job: Job) -> None:
    """Write the training sets and at most one challenger of each prediction."""
    rows = _training_sets(job)
    digest = job.write_pandas(PREDICTION_TRAINING, rows)
    found = [_challenger(job, name, rows[rows["prediction"] == name], digest) for name in PREDICTIONS]
    table = pd.DataFrame([row for row in found if row], columns=list(PREDICTION_CHALLENGERS.column_names))
    job.write_pandas(PREDICTION_CHALLENGERS, table)


def _training_sets(job: Job) -> pd.DataFrame:
    settings, day = job.night.settings, job.night.run_date
    table, gone = user_activity.SPEC.table, deleted_users(job)
    cuts, most = predictions.all_cuts(settings, day), settings.predictions.max_users
    n_users = max((found.rows for cut in cuts if (found := job.manifest(table, cut))), default=0)

    def drawn(rows: pd.DataFrame) -> pd.DataFrame:
        return predictions.drawn(rows, n_users, most)

    read = {cut: drawn(job.read_pandas(table, cut, predictions.READ)) for cut in cuts}
    features = {cut: rows[~rows["user_id"].isin(gone)] for cut, rows in read.items()}
    daily = drawn(job.read_pandas_days(USER_DAILY, predictions.label_days(settings, day)))
    parts = [predictions.build(told, features, daily, settings, day) for told in PREDICTIONS.values()]
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _challenger(job: Job, name: str, rows: pd.DataFrame, digest: str) -> dict[str, Any] | None:
    """One row, or None where a champion stays and where nothing at all is known."""
    settings, day = job.night.settings, job.night.run_date
    task, recipe = task_of(name, settings), recipe_of(settings)
    champion = champion_of(job, name, day - timedelta(1))
    try:
        require_goal(name, settings, rows)
        judged = judge(task, recipe, rows, settings)
        model = fit(task, recipe, rows, judged.kinds if judged else None)
    except ModelError as error:
        log.warning("%s: no model is trained tonight: %s", name, error)
        judged, found = None, None if champion else _prior(job, name, rows)
        if found is None:
            return None
        model = found
    kind = f"{name}_{model.kind}"
    told = {**recipe, "days": list(task.days)}
    code = code_fingerprint(road.__name__)
    content = content_name(kind, day, hash_of([digest, settings.churn.at_risk_days]), told, code)
    metrics = judged.metrics if judged else {}
    beside = _champion_beside(job, champion, rows, recipe, judged)
    compared = compare(judged, beside, name, settings) if judged and beside else None
    return {
        "role": name,
        "model": content,
        "kind": kind,
        "recipe": recipe_json(kind, told),
        "metrics": json.dumps(metrics, sort_keys=True),
        "champion": champion.model if champion else "",
        "champion_metrics": json.dumps(beside.metrics if beside else {}, sort_keys=True),
        "paired": compared.to_json(settings.gate_of(name).metric) if compared else "",
        "training_digest": digest,
        "run_id": register(job, model, content, told, metrics, judged, compared, rows, digest),
    }


def _prior(job: Job, name: str, rows: pd.DataFrame) -> PredictionModel | None:
    """The base rate of each segment, for the first nights."""
    settings = job.night.settings
    model = PredictionModel(task_of(name, settings), params_of(recipe_of(settings)))
    try:
        return model.fit_priors(rows["target"].to_numpy(dtype="float64"), rows["segment"].tolist())
    except ModelError as error:
        log.warning("%s: no base rate either: %s", name, error)
        return None


def _champion_beside(
    job: Job, champion: Champion | None, rows: pd.DataFrame, recipe: dict[str, Any], judged: JudgedPrediction | None
) -> JudgedPrediction | None:
    """The champion's recipe on the same holdout: its own training may have seen those labels."""
    if champion is None or judged is None or champion.kind.endswith(f"_{road.PRIOR}"):
        return None
    old = {name: value for name, value in champion.params.items() if name in recipe}
    if old == recipe:
        return judged
    try:
        return judge(task_of(champion.role, job.night.settings), old, rows, job.night.settings)
    except (ModelError, KeyError) as error:
        log.warning("%s: the champion's recipe cannot be judged tonight: %s", champion.role, error)
        return None
