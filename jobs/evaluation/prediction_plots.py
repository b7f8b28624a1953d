"""Pictures of predictions."""

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from jobs.evaluation.plots import BLUE, GREY, HEIGHT, WIDTH

Floats = npt.NDArray[np.float64]


def plot_lift(target: Floats, told: Floats, title: str, n_points: int = 50) -> Figure:
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


def plot_curves(label: Floats, told: Floats, title: str) -> Figure:
    """Two curves over all thresholds: the receiver operating characteristic, and precision over recall.

    Parameters
    ----------
    label, told
        Shape (n,): 0 or 1, both present, and the prediction; users with equal ones pass a threshold together.
    title
        Of the picture.
    """
    order = np.argsort(-told, kind="stable")
    last = np.append(np.diff(told[order]) != 0, True)
    found, taken = np.cumsum(label[order])[last], np.flatnonzero(last) + 1
    positives, n = float(label.sum()), len(label)
    recall = found / positives
    figure = Figure(figsize=(2 * WIDTH, HEIGHT), layout="constrained")
    roc, precision = figure.subplots(1, 2)
    roc.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="chance")
    roc.plot(np.append(0.0, (taken - found) / (n - positives)), np.append(0.0, recall), color=BLUE, label="model")
    roc.set(xlabel="share of the others taken", ylabel="share of positives found", title=title)
    precision.axhline(positives / n, color=GREY, linestyle="--", linewidth=1, label="chance")
    precision.plot(recall, found / taken, color=BLUE, label="model")
    precision.set(xlabel="share of positives found", ylabel="share of positives among the taken", ylim=(0, 1))
    roc.legend(frameon=False)
    precision.legend(frameon=False)
    return figure


def plot_amounts(came: Floats, told: Floats, title: str, n_bins: int = 10) -> Figure:
    """Mean of what came over the mean expectation, in bins of equal size by the expectation, beside the diagonal."""
    bins = [part for part in np.array_split(np.argsort(told, kind="stable"), n_bins) if len(part)]
    expected, observed = ([float(values[part].mean()) for part in bins] for values in (told, came))
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    most = max([*expected, *observed, 1e-9])
    axes.plot([0, most], [0, most], color=GREY, linestyle="--", linewidth=1, label="perfect")
    axes.plot(expected, observed, color=BLUE, marker="o", label="bins of equal size")
    axes.set(xlabel="mean expectation", ylabel="mean of what came", title=title)
    axes.legend(frameon=False)
    return figure


def plot_shap_summary(columns: list[str], values: Floats, added: Floats, title: str, n_most: int = 15) -> Figure:
    """A row a column, a dot a user: how far it moved the score, coloured by whether its value is low or high.

    Parameters
    ----------
    columns
        Names.
    values, added
        Shape (n, n_columns): what the columns say, and what each added to the score (SHAP).
    title
        Of the picture.
    n_most
        Columns that are shown, those that moved scores most on top.
    """
    strength = np.abs(added).mean(axis=0)
    most = np.argsort(-strength, kind="stable")[:n_most]
    figure = Figure(figsize=(WIDTH * 1.3, max(HEIGHT, 0.3 * len(most) + 1.2)), layout="constrained")
    axes = figure.subplots()
    # The same dots every night: rows lie apart by where they come in their column.
    apart = (np.arange(len(added)) * 0.618 % 1 - 0.5) * 0.6
    for row, column in enumerate(most.tolist()):
        dots = axes.scatter(
            added[:, column], row + apart, c=_ranks(values[:, column]), cmap="coolwarm", s=4, vmin=0, vmax=1
        )
        dots.set_rasterized(True)
    axes.set_yticks(range(len(most)), [f"{columns[place]} ({strength[place]:.3f})" for place in most.tolist()])
    axes.invert_yaxis()
    axes.axvline(0, color=GREY, linewidth=1)
    axes.set(xlabel="added to the score; blue: low values of the column, red: high ones", title=title)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _ranks(values: Floats) -> Floats:
    """Shape (n,): place of each value among all, from 0 to 1; unknown ones in the middle."""
    known = np.isfinite(values)
    ordered = np.sort(values[known])
    if not len(ordered):
        return np.full(len(values), 0.5)
    place = np.searchsorted(ordered, np.where(known, values, 0.0), side="left") / max(1, len(ordered) - 1)
    return np.asarray(np.where(known, place.clip(0, 1), 0.5))
