"""The MLflow run of a prediction: parameters, numbers, pictures, model card."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from jobs.adapters.tracking.open import code_commit, open_tracking
from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData, flat_params
from jobs.datasets.predictions import FEATURES, PREDICTION_TRAINING
from jobs.evaluation.classification import compute_calibration
from jobs.evaluation.plots import plot_calibration, plot_importance
from jobs.evaluation.prediction_plots import plot_lift
from jobs.models.predictions.model import PredictionModel
from jobs.models.served_prediction import ServedPrediction
from jobs.stages.job import Job
from jobs.stages.prediction_judging import JudgedPrediction

SHOWN = 2_000
"""Rows whose SHAP values make the summary; more draw the same picture."""


def register(
    job: Job, model: PredictionModel, name: str, recipe: Mapping[str, Any], metrics: Mapping[str, float],
    judged: JudgedPrediction | None, rows: pd.DataFrame, digest: str,
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
                model_card=_card(model, name, metrics),
                pictures=_pictures(model, judged, rows),
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


def _pictures(model: PredictionModel, judged: JudgedPrediction | None, rows: pd.DataFrame) -> dict[str, Figure]:
    pictures: dict[str, Figure] = {}
    if model.heads:
        columns, added = model.contributions(rows[list(FEATURES)].tail(SHOWN))
        strength = dict(zip(columns, np.abs(added).mean(axis=0).tolist(), strict=True))
        pictures["shap"] = plot_importance(strength, "What moves the prediction: mean of |SHAP|")
    if judged is not None:
        pictures["lift"] = plot_lift(judged.label, judged.told, f"{model.task.name}: lift on the holdout")
        if model.task.coverage is None:
            bins = compute_calibration(judged.label.astype(np.bool_), judged.told)
            pictures["calibration"] = plot_calibration(bins, f"{model.task.name} on the holdout")
    return pictures


def _card(model: PredictionModel, name: str, metrics: Mapping[str, float]) -> str:
    task = model.task
    days = ", ".join(map(str, task.days))
    return "\n".join(
        [
            f"# {name}",
            "",
            f"What it says: `{task.name}` within {days} days. Learner: {model.kind}.",
            "Trained on label windows that had closed, features strictly before each; judged on the latest one.",
            "Learner and calibration were chosen on users held out of the training windows, never on the holdout.",
            "No class weights. It holds coefficients and trees and nothing about users.",
            "Not for decisions about a person that the person could not undo.",
            "",
            "| metric | value |",
            "| --- | --- |",
            *(f"| {metric} | {value:.4g} |" for metric, value in sorted(metrics.items())),
            "",
        ]
    )
