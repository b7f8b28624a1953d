"""A picture of what a ranker's trees look at."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from jobs.evaluation.evaluation_plots import COLOURS
from jobs.evaluation.plots import HEIGHT, WIDTH


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
    figure = Figure(figsize=(WIDTH * 1.4, max(HEIGHT, 0.3 * len(most) + 1.4)), layout="constrained")
    axes = figure.subplots()
    places = np.arange(len(most))
    moved, gain = most["mean_abs_shap"].to_numpy(float), most["gain_share"].to_numpy(float)
    bars = axes.barh(places - 0.2, _parts(moved), 0.4, color=COLOURS[0], label="moves scores (mean |SHAP|)")
    axes.bar_label(bars, [f"{value:.3f}" for value in moved], fontsize=7, padding=2)
    axes.barh(places + 0.2, _parts(gain), 0.4, color=COLOURS[4], label="gain while trees grew")
    axes.set_yticks(places, most["feature"].tolist())
    axes.invert_yaxis()
    axes.set(xlabel="part of the longest bar", title=title)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(frameon=False, loc="outside lower center", ncols=2)
    return figure


def _parts(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    longest = float(values.max(initial=0.0))
    return np.asarray(values / longest if longest > 0 else values)
