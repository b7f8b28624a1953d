"""The MLflow run of a prediction: parameters, numbers, pictures, model card."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from jobs.adapters.tracking.open import code_commit, open_tracking
from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData, flat_params
from jobs.datasets.predictions import FEATURES, PREDICTION_TRAINING
from jobs.evaluation.comparison import Comparison
from jobs.models.predictions.model import PredictionModel
from jobs.models.served_prediction import ServedPrediction
from jobs.stages.job import Job
from jobs.stages.prediction_card import build_card
from jobs.stages.prediction_judging import JudgedPrediction
from jobs.stages.prediction_pictures import build_pictures


def register(
    job: Job, model: PredictionModel, name: str, recipe: Mapping[str, Any], metrics: Mapping[str, float],
    judged: JudgedPrediction | None, compared: Comparison | None, rows: pd.DataFrame, digest: str,
) -> str:  # fmt: skip
    """Log the run and make it the challenger; returns the run's id."""
    role, day = model.task.name, job.night.run_date
    tracking = open_tracking(job.night.settings, job.home)
    example = rows[list(FEATURES)].head(3).reset_index(drop=True)
    with TemporaryDirectory() as folder:
        place = Path(folder) / "model"
        model.save(place)
        registered = tracking.register(
            ModelRun(
                role=role,
                content_name=name,
                params=flat_params({"kind": model.kind, **recipe}),
                metrics=dict(metrics),
                tags={"run_date": str(day), "code_commit": code_commit(), "training_digest": digest},
                training_data=TrainingData(PREDICTION_TRAINING.name, digest, f"prediction_training run_date={day}"),
                model=ServedModel(
                    folder=place,
                    loader="jobs.models.served_prediction",
                    example_input=example,
                    example_output=ServedPrediction(model).predict(example),
                    requirements=("nightjar", "lightgbm", "numpy", "pandas"),
                ),
                model_card=build_card(model, name, metrics, _losses(model, judged), rows, compared),
                steps={"training/held_out_loss_of_trees": judged.curve} if judged and judged.curve else {},
                tables={"metrics_by_group": _by_group(metrics)} if judged else {},
                pictures=build_pictures(model, judged, rows),
                sources=[
                    SourceRun(f"{kind}_{model.task.days[-1]}d", {}, {"held_out_loss": loss})
                    for kind, loss in _losses(model, judged).items()
                ],
            )
        )
    tracking.set_challenger(role, name)
    return registered.run_id


def _losses(model: PredictionModel, judged: JudgedPrediction | None) -> dict[str, float]:
    """Of every kind of learner: the model that serves was told its kind and measured no other."""
    if judged is not None:
        return judged.losses
    return model.heads[-1].losses if model.heads else {}


def _by_group(metrics: Mapping[str, float]) -> pd.DataFrame:
    """One row per group that was told apart: its metrics on the holdout."""
    rows: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        group, _, metric = name.rpartition(".")
        if group:
            rows.setdefault(group, {})[metric] = value
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group").reset_index()
