"""Pictures of predictions."""

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from jobs.evaluation.plots import BLUE, GREY, HEIGHT, WIDTH


def plot_lift(
    target: npt.NDArray[np.float64], told: npt.NDArray[np.float64], title: str, n_points: int = 50
) -> Figure:
    """Share of all that happened among the users with the highest predictions, beside chance."""
    order = np.argsort(-told, kind="stable")
    share = np.linspace(0, 1, n_points + 1)
    gained = np.concatenate([[0.0], np.cumsum(target[order])])[np.rint(share * len(target)).astype(int)]
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="chance")
    axes.plot(share, gained / max(float(target.sum()), 1e-12), color=BLUE, label="model")
    axes.set(xlabel="share of users, highest prediction first", ylabel="share of what happened", title=title)
    axes.legend(frameon=False)
    return figure
