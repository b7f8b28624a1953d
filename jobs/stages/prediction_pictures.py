"""Pictures of a night's prediction, by the same names every night."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from jobs.datasets.predictions import FEATURES
from jobs.evaluation.classification import compute_calibration
from jobs.evaluation.plots import plot_calibration
from jobs.evaluation.prediction_plots import plot_amounts, plot_curves, plot_lift, plot_shap_summary
from jobs.models.predictions.model import PredictionModel
from jobs.stages.prediction_judging import JudgedPrediction

SHOWN = 2_000
"""Rows whose SHAP values make the summary; more draw the same picture."""


def build_pictures(model: PredictionModel, judged: JudgedPrediction | None, rows: pd.DataFrame) -> dict[str, Figure]:
    """What there is to draw; a prior has no picture, and without a holdout there is none of how good it is."""
    pictures: dict[str, Figure] = {}
    if model.heads:
        columns, values, added = model.contributions(rows[list(FEATURES)].tail(SHOWN))
        pictures["shap_summary"] = plot_shap_summary(
            columns, values, added, f"{model.task.name}: what moves the score"
        )
    return pictures | (_of_holdout(model, judged) if judged is not None else {})


def _of_holdout(model: PredictionModel, judged: JudgedPrediction) -> dict[str, Figure]:
    title = f"{model.task.name} on the holdout"
    pictures = {"lift": plot_lift(judged.label, judged.told, title)}
    if model.task.coverage is not None:
        return {**pictures, "amounts": plot_amounts(judged.label, judged.told, title)}
    bins = compute_calibration(judged.label.astype(np.bool_), judged.told)
    curves = plot_curves(judged.label, judged.told, title)
    return {**pictures, "calibration": plot_calibration(bins, title), "curves": curves}
