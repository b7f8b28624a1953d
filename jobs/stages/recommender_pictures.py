"""Pictures of a night's recommender, by the same names every night."""

import pandas as pd
from matplotlib.figure import Figure

from jobs.evaluation.evaluation_plots import plot_all, plot_learning_curve, plot_score_calibration
from jobs.evaluation.importance_plot import plot_feature_importance
from jobs.evaluation.score_calibration import compute_score_bins
from jobs.evaluation.tasks import FOR_YOU
from jobs.models.two_stage.ranker import STOPPED_AT
from jobs.models.two_stage.training import TrainingReport
from jobs.stages.judging import Judged
from jobs.stages.trained_night import TrainedNight

PART_WORDS = {"all": "all items", "new": "items never had"}


def build_pictures(night: TrainedNight, importance: pd.DataFrame | None) -> dict[str, Figure]:
    """What there is to draw; a first night has no label window and no picture."""
    pictures: dict[str, Figure] = {}
    if night.contenders.report is not None:
        pictures |= _of_training(night.contenders.report)
    if importance is not None:
        pictures["feature_importance"] = plot_feature_importance(importance, "What the ranker looks at")
    if night.judged is not None:
        pictures |= _of_evaluation(night.judged, night.chosen.name)
    return pictures


def _of_training(report: TrainingReport) -> dict[str, Figure]:
    return {
        f"learning_curve_{name}": plot_learning_curve(
            {"later window": fit.curve},
            fit.n_stopped,
            f"ndcg_at_{STOPPED_AT}",
            f"Candidates of the later window, {PART_WORDS[fit.part]}, {fit.objective}",
        )
        for name, fit in report.fits.items()
    }


def _of_evaluation(judged: Judged, chosen: str) -> dict[str, Figure]:
    bins = compute_score_bins(judged.methods[chosen].lists[FOR_YOU], judged.scores[chosen], judged.task.relevant)
    calibration = plot_score_calibration(bins, f"{chosen}: do higher scores mean more?")
    return {"score_calibration": calibration, **plot_all(judged.evaluation)}
