"""Pictures of an evaluation. Each function returns a figure that nobody has to close and draws no window."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from jobs.evaluation.evaluation import POPULARITY, Evaluation, Row
from jobs.evaluation.groups import ALL
from jobs.evaluation.plots import GREY, HEIGHT, WIDTH
from jobs.evaluation.score_calibration import ScoreBins

# Okabe and Ito's colours, which people who see few colours can tell apart; the ranker has the first.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_MOST_LINES = len(COLOURS)


def plot_all(evaluation: Evaluation) -> dict[str, Figure]:
    """What a run keeps of an evaluation, by the same names each time: file stem to figure."""
    pictures: dict[str, Figure] = {}
    for surface in evaluation.surfaces:
        pictures[f"{surface}_methods"] = plot_intervals(evaluation, surface)
        pictures[f"{surface}_by_activity"] = plot_by_group(evaluation, surface)
        if evaluation.select(surface, method=POPULARITY):
            pictures[f"{surface}_lift_over_popularity"] = plot_lift(evaluation, surface)
    return pictures


def plot_intervals(evaluation: Evaluation, surface: str, metric: str | None = None) -> Figure:
    """Every method's mean with its interval, best on top; the best single source is a line to compare with."""
    name = metric or evaluation.metric
    rows = evaluation.best_first(surface, name)
    figure = Figure(figsize=(WIDTH, max(2.4, 0.36 * len(rows) + 1.2)), layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        colour = COLOURS[0] if row.kind == "ranker" else GREY
        _bar(axes, row, name, place, colour)
        axes.annotate(
            f"{row.value(name):.3f}",
            (row.estimates[name].high, place),
            (5, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # above the dashed line
        )
    best = evaluation.best_single.get(surface)
    if best is not None:
        of_best = next(row.value(name) for row in rows if row.method == best)
        axes.axvline(of_best, color=GREY, linestyle="--", linewidth=1, zorder=0, label="best single source")
        figure.legend(frameon=False, loc="outside lower right", fontsize=8)
    axes.set_yticks(range(len(rows)), [row.method for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.margins(x=0.15)  # room for the numbers
    axes.set_xlim(left=0)
    confidence = f"{evaluation.confidence:.0%} intervals over {rows[0].n_users:,} users"
    axes.set(xlabel=f"{_words(name)}, {confidence}", title=f"{surface}: each method alone")
    _plain(axes)
    return figure


def plot_by_group(evaluation: Evaluation, surface: str, kind: str = "activity", metric: str | None = None) -> Figure:
    """The metric of the best methods in each group of a kind, and for all users, with intervals."""
    name = metric or evaluation.metric
    methods = [row.method for row in evaluation.leading(surface, _MOST_LINES)]
    groups = [group for group in _groups(evaluation, surface) if group == ALL or _kind(group) in (kind, "cold")]
    figure = Figure(figsize=(max(WIDTH, 1.5 * len(groups) + 1.5), HEIGHT), layout="constrained")
    axes = figure.subplots()
    for index, method in enumerate(methods):
        rows = {row.group: row for row in evaluation.select(surface, None, method)}
        found = [(place, rows[group]) for place, group in enumerate(groups) if group in rows]
        shift = (index - (len(methods) - 1) / 2) * 0.8 / len(methods)
        places = np.array([place + shift for place, _ in found])
        values = np.array([row.value(name) for _, row in found])
        ends = np.array([(row.estimates[name].low, row.estimates[name].high) for _, row in found]).T
        axes.errorbar(places, values, abs(ends - values), fmt="o", color=COLOURS[index], capsize=2, label=method)
    sizes = {row.group: row.n_users for row in evaluation.select(surface, None)}
    axes.set_xticks(range(len(groups)), [f"{_group_words(group)}\n{sizes[group]:,} users" for group in groups])
    axes.set_ylim(bottom=0)
    axes.set(ylabel=_words(name), title=f"{surface}: by group of users, {evaluation.confidence:.0%} intervals")
    figure.legend(frameon=False, loc="outside lower center", ncols=_legend_columns(methods))
    _plain(axes)
    return figure


def plot_lift(evaluation: Evaluation, surface: str, base: str = POPULARITY) -> Figure:
    """How many times each method is as good as the base, by every measure of accuracy at the first length."""
    rows = {row.method: row for row in evaluation.select(surface)}
    names = [name for name in next(iter(rows.values())).estimates if name.endswith(_ending(evaluation.metric))]
    names = [name for name in names if name.split("_at_")[0] in ("ndcg", "recall", "map", "mrr", "hit_rate")]
    methods = [row.method for row in evaluation.leading(surface, _MOST_LINES) if row.method != base]
    figure = Figure(figsize=(max(WIDTH, 1.5 * len(names) + 1), HEIGHT), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / max(1, len(methods))
    for index, method in enumerate(methods):
        places = np.arange(len(names)) + (index - (len(methods) - 1) / 2) * width
        lifts = [_lift(rows[method].value(name), rows[base].value(name)) for name in names]
        bars = axes.bar(places, lifts, width, color=COLOURS[index], label=method)
        axes.bar_label(bars, fmt="%.1f", fontsize=7, padding=1)
    axes.axhline(1.0, color=GREY, linestyle="--", linewidth=1)
    axes.set_xticks(range(len(names)), [_words(name) for name in names])
    axes.set(ylabel=f"times {base}", title=f"{surface}: lift over {base}")
    figure.legend(frameon=False, loc="outside lower center", ncols=_legend_columns(methods))
    _plain(axes)
    return figure


def plot_score_calibration(bins: ScoreBins, title: str) -> Figure:
    """How often items of each tenth of the scores were wanted: rising bars say that scores order as they should.

    Where the scores are probabilities, a second line shows what they promised.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    places = np.arange(1, len(bins.observed) + 1)
    axes.bar(places, bins.observed, color=COLOURS[0], width=0.75, label="were wanted")
    if bins.predicted is not None:
        axes.plot(places, bins.predicted, color=COLOURS[1], marker="o", markersize=4, label="were predicted")
    axes.axhline(bins.rate, color=GREY, linestyle="--", linewidth=1, label="all listed items")
    axes.set_xticks(places)
    axes.set(xlabel="tenth of the scores, lowest to highest", ylabel="share of items", title=title)
    axes.legend(frameon=False, loc="upper left")
    _plain(axes)
    return figure


def plot_learning_curve(curves: Mapping[str, Sequence[float]], best: int | None, metric: str, title: str) -> Figure:
    """A metric after each round of training.

    Parameters
    ----------
    curves
        Data set, such as ``train`` and ``validation``, to its value after each round, from the first on.
    best
        Round that was kept, counted from 1; None for the last.
    metric
        Name on the axis.
    title
        Of the picture.
    """
    figure = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = figure.subplots()
    for index, (name, values) in enumerate(curves.items()):
        axes.plot(range(1, len(values) + 1), values, color=COLOURS[index % len(COLOURS)], label=name)
    if best is not None:
        axes.axvline(best, color=GREY, linestyle="--", linewidth=1, label=f"kept: {best}")
    axes.set(xlabel="trees", ylabel=_words(metric), title=title)
    axes.legend(frameon=False, loc="lower right")
    _plain(axes)
    return figure


def _bar(axes: Axes, row: Row, name: str, place: float, colour: str) -> None:
    found = row.estimates[name]
    ends: npt.NDArray[np.float64] = np.array([[found.value - found.low], [found.high - found.value]])
    axes.errorbar([found.value], [place], xerr=ends, fmt="o", color=colour, capsize=3)


def _groups(evaluation: Evaluation, surface: str) -> list[str]:
    return list(dict.fromkeys(row.group for row in evaluation.select(surface, None)))


def _kind(group: str) -> str:
    return group.split(".", 1)[0]


def _group_words(group: str) -> str:
    return "all" if group == ALL else group.split(".", 1)[1].replace("_", " ")


def _words(name: str) -> str:
    metric, _, k = name.partition("_at_")
    known = {"ndcg": "nDCG", "map": "MAP", "mrr": "MRR"}
    words = known.get(metric, metric.replace("_", " "))
    return f"{words} at {k}" if k else words


def _ending(metric: str) -> str:
    return f"_at_{metric.partition('_at_')[2]}"


def _lift(value: float, base: float) -> float:
    return value / base if base > 0 else float("nan")


def _legend_columns(methods: Sequence[str]) -> int:
    """So many names fit beside each other below a figure of the least width."""
    return min(max(1, len(methods)), 4)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
