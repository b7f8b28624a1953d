"""The model card of a prediction: Markdown, also the description of its run and of its registered version."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from jobs.core.visible import in_markdown
from jobs.evaluation.comparison import Comparison
from jobs.models.predictions.model import PredictionModel

SPLITS = {
    "train": "trained what was judged, and what serves",
    "between": "trained what serves; its window reaches into that of the holdout",
    "holdout": "judged; trained what serves afterwards",
    "fresh": "taught what serves the order of users; its own window is not over",
}
LIMITS = [
    "## Limits",
    "",
    "- Probabilities are those of past windows: a season that none of them had moves the base rate of all users.",
    "- Intervals are over users of one window; they do not tell how much one window differs from the next.",
    "- A user without an intent event yet is told the mean of the segment, and flagged.",
    "- Reasons say what moved the score, not what would change the user's mind.",
    "- No class weights or resampling. It holds coefficients and trees, and nothing about a user.",
    "- Not for decisions about a person that the person could not undo.",
]


def build_card(
    model: PredictionModel,
    name: str,
    metrics: Mapping[str, float],
    losses: Mapping[str, float],
    rows: pd.DataFrame,
    compared: Comparison | None,
) -> str:
    """The card.

    Parameters
    ----------
    model, name
        What serves, and its content name.
    metrics
        On the holdout; empty where there was none.
    losses
        Of each kind of learner on users held out of the training windows.
    rows
        The training set.
    compared
        The model beside the champion.
    """
    days = ", ".join(map(str, model.task.days))
    head = [f"# {name}", "", f"What it says: `{model.task.name}` within {days} days. Learner: {model.kind}."]
    parts = [head, _numbers(metrics), _since(compared), _data(rows), _method(model, losses), _groups(metrics), LIMITS]
    return "\n".join("\n".join(lines) + "\n" for lines in parts if lines)


def _numbers(metrics: Mapping[str, float]) -> list[str]:
    if not metrics:
        return ["## Numbers", "", "No label window had closed: it was not judged."]
    plain = sorted(name for name in metrics if "." not in name and not name.endswith(("_low", "_high")))
    rows = [(name, f"{metrics[name]:.4g}", _interval(metrics, name)) for name in plain]
    return ["## Numbers", "", *_table(("metric on the holdout", "value", "interval"), rows)]


def _interval(metrics: Mapping[str, float], name: str) -> str:
    ends = [metrics.get(f"{name}_{end}") for end in ("low", "high")]
    return f"{ends[0]:.4g} to {ends[1]:.4g}" if None not in ends else ""


def _since(compared: Comparison | None) -> list[str]:
    if compared is None:
        return []
    head = f"On the same {compared.n_users:,} users, {compared.confidence:.0%} intervals of the difference:"
    rows = [
        (
            name,
            f"{pair.base:.4f}",
            f"{pair.value:.4f}",
            f"{pair.difference:+.4f} ({pair.low:+.4f} to {pair.high:+.4f})",
        )
        for name, pair in compared.metrics.items()
    ]
    return ["## Since the champion", "", head, "", *_table(("metric", "champion", "this", "difference"), rows)]


def _data(rows: pd.DataFrame) -> list[str]:
    lines = [
        (str(cut), f"{len(part):,}", _mean(part["target"]), SPLITS.get(str(part["split"].iloc[0]), ""))
        for cut, part in rows.groupby("cut")
    ]
    if not lines:
        return []
    first = "Features end with the cut; labels come after it. Learner and calibration were chosen on held-out users."
    return ["## Data", "", first, "", *_table(("cut", "users", "mean target", "what for"), lines)]


def _mean(target: pd.Series) -> str:
    return f"{target.mean():.4g}" if target.notna().any() else ""


def _method(model: PredictionModel, losses: Mapping[str, float]) -> list[str]:
    if not model.heads:
        return ["## How it works", "", "It knows the mean of each segment and nothing else."]
    rows = [(kind, f"{loss:.5f}") for kind, loss in losses.items()]
    return ["## How it works", "", *_table(("learner", "loss on users held out of training"), rows)]


def _groups(metrics: Mapping[str, float]) -> list[str]:
    main = "auc" if "auc" in metrics else "gini"
    found = {name.rpartition(".")[0]: value for name, value in sorted(metrics.items()) if name.endswith(f".{main}")}
    rows = [(group, f"{value:.4f}", _interval(metrics, f"{group}.{main}")) for group, value in found.items()]
    return ["## By group of users", "", *_table(("group", main, "interval"), rows)] if rows else []


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; a country that a log named cannot break it."""
    head = f"| {' | '.join(columns)} |"
    return [head, f"|{' --- |' * len(columns)}", *(f"| {' | '.join(map(in_markdown, row))} |" for row in rows)]
