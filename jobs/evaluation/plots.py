"""Pictures of metrics. Each function returns a figure that nobody has to close and draws no window."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from jobs.evaluation.classification import Calibration

WIDTH, HEIGHT = 6.4, 4.2  # inches
BLUE, GREY = "#31688e", "#9a9a9a"


def plot_calibration(bins: Calibration, title: str) -> Figure:
    """Predicted against observed share, a point a bin, beside the diagonal of a perfect model."""
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfect")
    axes.plot(bins.predicted, bins.observed, color=BLUE, marker="o", label="bins of equal size")
    axes.set(xlabel="mean predicted probability", ylabel="observed share", title=title)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.legend(frameon=False)
    return figure


def plot_importance(importance: Mapping[str, float], title: str, n_most: int = 20) -> Figure:
    """Bars of the most important features, greatest on top, as a share of the sum; equal ones by name."""
    total = sum(importance.values()) or 1.0
    most = sorted(importance.items(), key=lambda pair: (-pair[1], pair[0]))[:n_most]
    figure = Figure(figsize=(WIDTH, max(HEIGHT, 0.28 * len(most) + 1)), layout="constrained")
    axes = figure.subplots()
    axes.barh([name for name, _ in most], [value / total for _, value in most], color=BLUE)
    axes.invert_yaxis()
    axes.set(xlabel="share of gain", title=title)
    return figure


def plot_comparison(metrics: Mapping[str, Mapping[str, float]], title: str) -> Figure:
    """Bars of each metric for each source, side by side.

    Parameters
    ----------
    metrics
        Source to metric to value. A source without a metric has no bar there.
    title
        Of the picture.
    """
    names = list(dict.fromkeys(name for values in metrics.values() for name in values))
    figure = Figure(figsize=(max(WIDTH, 1.1 * len(names) + 2), HEIGHT), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / max(1, len(metrics))
    for index, (source, values) in enumerate(metrics.items()):
        places = np.arange(len(names)) + index * width
        bars = axes.bar(places, [values.get(name, np.nan) for name in names], width, label=source)
        axes.bar_label(bars, fmt="%.3f", fontsize=7)
    axes.set_xticks(np.arange(len(names)) + 0.4 - width / 2, names)
    axes.set(title=title)
    axes.legend(frameon=False)
    return figure
