"""Pictures of a training: how it learned, what it looks at, and whether its scores mean anything."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from jobs.evaluation.plots import BLUE, GREY, HEIGHT, WIDTH
from jobs.evaluation.score_bins import ScoreBins

ORANGE = "#d1762c"
LINES = (BLUE, ORANGE, GREY)


def plot_learning_curves(
    curves: Mapping[str, Sequence[float]], chosen: Mapping[str, int], metric: str, title: str
) -> Figure:
    """A metric on the validation window after each round, with the round that was chosen.

    Parameters
    ----------
    curves
        Name of a model to its metric by round, from the first one on.
    chosen
        Name of a model to the rounds that it was trained for in the end.
    metric, title
        Of the picture.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    for (name, values), colour in zip(curves.items(), LINES * len(curves), strict=False):
        rounds = np.arange(1, len(values) + 1)
        axes.plot(rounds, values, color=colour, label=name)
        if 0 < chosen.get(name, 0) <= len(values):
            best = chosen[name]
            axes.plot(best, values[best - 1], "o", color=colour)
            axes.annotate(f"{best} rounds: {values[best - 1]:.4f}", (best, values[best - 1]), (0, -14),
                          textcoords="offset points", ha="center", fontsize=8, color=colour)  # fmt: skip
    axes.set(xlabel="rounds", ylabel=metric, title=title)
    axes.margins(y=0.15)
    if curves:
        axes.legend(frameon=False, loc="lower right")
    return figure


def plot_feature_importance(importance: pd.DataFrame, title: str, n_most: int = 25) -> Figure:
    """Two bars a feature, each as a part of the longest of its kind; the features that move scores most on top.

    Parameters
    ----------
    importance
        One row per feature: ``feature``, ``gain_share``, ``mean_abs_shap``.
    title
        Of the picture.
    n_most
        Features that are shown.
    """
    most = importance.sort_values(["mean_abs_shap", "feature"], ascending=[False, True]).head(n_most)
    figure = Figure(figsize=(WIDTH * 1.4, max(HEIGHT, 0.3 * len(most) + 1.2)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(most))
    moved, gain = most["mean_abs_shap"].to_numpy(float), most["gain_share"].to_numpy(float)
    axes.barh(places - 0.2, _parts(moved), 0.4, color=BLUE, label="moves scores (mean |SHAP|)")
    axes.barh(places + 0.2, _parts(gain), 0.4, color=ORANGE, label="gain while trees grew")
    for place, value in zip(places, moved, strict=True):
        axes.annotate(f"{value:.3f}", (0, place - 0.2), (3, 0), textcoords="offset points", va="center",
                      fontsize=7, color="white")  # fmt: skip
    axes.set_yticks(places, most["feature"].tolist())
    axes.invert_yaxis()
    axes.set(xlabel="part of the longest bar", title=title)
    axes.legend(frameon=False, loc="lower right")
    return figure


def plot_score_bins(bins: ScoreBins, title: str) -> Figure:
    """Share of candidates that were wanted by score, with intervals; a sound ranker only rises."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    spread = np.abs(np.stack([bins.share - bins.low, bins.high - bins.share]))
    axes.errorbar(bins.score, bins.share, yerr=spread, color=BLUE, marker="o", markersize=4, linewidth=1, capsize=2)
    if (bins.share > 0).any():
        # A few in a thousand below, a third above: on a straight scale the lower half would be a flat line.
        axes.set_yscale("symlog", linthresh=max(1e-3, float(bins.share[bins.share > 0].min())))
    axes.set_ylim(bottom=0)
    axes.set(xlabel="mean score of the bin", ylabel="share that was wanted", title=title)
    axes.grid(axis="y", color="#e4e4e4")
    return figure


def _parts(values: np.ndarray) -> np.ndarray:
    longest = float(values.max(initial=0.0))
    return np.asarray(values / longest if longest > 0 else values)
