"""Stage train_churn: train on closed label windows, judge on the latest, register the challenger."""

import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from jobs.adapters.tracking.open import code_commit, open_tracking
from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData
from jobs.core.daily_schemas import USER_DAILY
from jobs.core.errors import ModelError
from jobs.core.fingerprint import code_fingerprint
from jobs.core.model_schemas import CHURN_CHALLENGER
from jobs.datasets import churn_training
from jobs.datasets.churn_training import CHURN_TRAINING, FEATURES
from jobs.evaluation.classification import compute_auc, compute_calibration, compute_classification
from jobs.evaluation.gate import DISTINCT_SCORES, count_distinct
from jobs.evaluation.plots import plot_calibration, plot_importance
from jobs.features import user_activity
from jobs.models.churn import ChurnModel, ChurnParams
from jobs.models.served_churn import ServedChurn
from jobs.stages.champions import CHURN, Champion, champion_of, content_name, recipe_json
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")

KIND = "churn_lightgbm"


def run(job: Job) -> None:
    """Write the training set and at most one challenger."""
    rows = _training_set(job)
    digest = job.write_pandas(CHURN_TRAINING, rows)
    params, seed = _params(job), job.night.settings.churn.seed
    try:
        trees = _choose_trees(rows, params, seed)
        metrics, predicted = _judge(rows, params, seed, trees)
        model = _model(params, seed).refit(rows[list(FEATURES)], rows["churned"], trees)
    except ModelError as error:
        log.warning("no churn model is trained tonight: %s", error)
        job.write_pandas(CHURN_CHALLENGER, pd.DataFrame(columns=list(CHURN_CHALLENGER.column_names)))
        return
    recipe = {**params, "seed": seed}
    name = content_name(KIND, job.night.run_date, digest, recipe, code_fingerprint(ChurnModel.__module__))
    yesterday = champion_of(job, CHURN, job.night.run_date - timedelta(1))
    row = {
        "role": CHURN,
        "model": name,
        "kind": KIND,
        "recipe": recipe_json(KIND, recipe),
        "metrics": json.dumps(metrics, sort_keys=True),
        "champion": yesterday.model if yesterday else "",
        "champion_metrics": json.dumps(_judge_champion(yesterday, rows, recipe, metrics), sort_keys=True),
        "paired": "",
        "training_digest": digest,
        "run_id": _register(job, model, name, digest, recipe, metrics, rows, predicted),
    }
    job.write_pandas(CHURN_CHALLENGER, pd.DataFrame([row]))


def _training_set(job: Job) -> pd.DataFrame:
    settings, day = job.night.settings, job.night.run_date
    cuts = churn_training.label_cuts(settings, day)
    table = user_activity.SPEC.table
    features = {cut: job.read_pandas(table, cut) for cut in cuts if job.manifest(table, cut)}
    daily = job.read_pandas_days(USER_DAILY, churn_training.label_days(settings, day))
    gone = deleted_users(job)
    kept = {cut: rows[~rows["user_id"].isin(gone)] for cut, rows in features.items()}
    return churn_training.build(kept, daily, settings)


def _params(job: Job) -> dict[str, Any]:
    return {**job.night.settings.churn.lightgbm.model_dump(), "min_rows": job.night.settings.churn.min_users}


def _model(params: Mapping[str, Any], seed: int) -> ChurnModel:
    return ChurnModel(ChurnParams(**params), seed)


def _choose_trees(rows: pd.DataFrame, params: Mapping[str, Any], seed: int) -> int:
    """Number of trees by early stopping on the latest of the training windows, never on the holdout.

    With one training window there is nothing later to stop on: a quarter of the upper bound is taken.
    """
    train = rows[rows["split"] == "train"]
    later = train["cut"] == train["cut"].max()
    if train["cut"].nunique() < 2:
        return int(params["n_estimators"]) // 4
    early, late = train[~later], train[later]
    fitted = _model(params, seed).fit(early[list(FEATURES)], early["churned"], late[list(FEATURES)], late["churned"])
    return fitted.n_trees


def _judge(
    rows: pd.DataFrame, params: Mapping[str, Any], seed: int, trees: int
) -> tuple[dict[str, float], np.ndarray]:
    """Metrics and predictions on the holdout of a model that saw the training windows only."""
    train, holdout = rows[rows["split"] == "train"], rows[rows["split"] == "holdout"]
    model = _model(params, seed).refit(train[list(FEATURES)], train["churned"], trees)
    predicted = model.predict_proba(holdout[list(FEATURES)])
    try:
        metrics = compute_classification(holdout["churned"], predicted)
    except ValueError as error:
        raise ModelError(f"the holdout cannot judge a churn model: {error}") from None
    recency = compute_auc(holdout["churned"].to_numpy(), holdout["days_since_event"].to_numpy())
    return {
        **metrics,
        "recency_auc": recency,
        DISTINCT_SCORES: float(count_distinct(predicted)),
        "n_users": float(len(holdout)),
        "n_trees": float(trees),
    }, predicted


def _judge_champion(
    champion: Champion | None, rows: pd.DataFrame, recipe: Mapping[str, Any], metrics: dict[str, float]
) -> dict[str, float]:
    """The champion's recipe on the same holdout: its own training may have seen those labels."""
    if champion is None:
        return {}
    if dict(champion.params) == dict(recipe):
        return metrics
    params = {key: value for key, value in champion.params.items() if key != "seed"}
    seed = int(champion.params["seed"])
    return _judge(rows, params, seed, _choose_trees(rows, params, seed))[0]


def _register(
    job: Job,
    model: ChurnModel,
    name: str,
    digest: str,
    recipe: Mapping[str, Any],
    metrics: dict[str, float],
    rows: pd.DataFrame,
    predicted: np.ndarray,
) -> str:
    settings, day = job.night.settings, job.night.run_date
    tracking = open_tracking(settings, job.home)
    holdout = rows[rows["split"] == "holdout"]
    example = holdout[list(FEATURES)].head(3).reset_index(drop=True)
    bins = compute_calibration(holdout["churned"].to_numpy(), predicted)
    with TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        record = ModelRun(
            role=CHURN,
            content_name=name,
            params={"kind": KIND, **recipe, "horizon_days": settings.churn.horizon_days},
            metrics=metrics,
            tags={"run_date": str(day), "code_commit": code_commit(), "training_digest": digest},
            training_data=TrainingData(CHURN_TRAINING.name, digest, f"churn_training run_date={day}"),
            model=ServedModel(
                folder=Path(folder) / "model",
                loader="jobs.models.served_churn",
                example_input=example,
                example_output=ServedChurn(model).predict(example),
                requirements=("nightjar", "lightgbm", "numpy", "pandas"),
            ),
            model_card=_card(name, metrics, settings.churn.horizon_days),
            pictures={
                "calibration": plot_calibration(bins, "Churn on the holdout"),
                "importance": plot_importance(model.importance(), "What the trees split on"),
            },
            sources=[SourceRun("recency", {}, {"auc": metrics["recency_auc"]})],
        )
        registered = tracking.register(record)
    tracking.set_challenger(CHURN, name)
    return registered.run_id


def _card(name: str, metrics: Mapping[str, float], horizon: int) -> str:
    return "\n".join(
        [
            f"# {name}",
            "",
            f"Probability that a user at risk has no intent event in the next {horizon} days.",
            "Trained on label windows that had closed, features strictly before each; judged on the latest one.",
            "It holds trees and nothing about users. Loading it needs the package `nightjar`; features are float64.",
            "",
            "| metric | value |",
            "| --- | --- |",
            *(f"| {metric} | {value:.4g} |" for metric, value in sorted(metrics.items())),
            "",
        ]
    )
