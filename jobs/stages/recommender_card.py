"""The model card of a recommender: Markdown, also the description of its run and of its registered version.

MLflow keeps 5,000 characters of a description, so what is asked first stands first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from jobs.adapters.tracking.records import flat_params
from jobs.core.visible import in_markdown
from jobs.evaluation.bootstrap import Estimate, Paired
from jobs.evaluation.comparison import Comparison
from jobs.evaluation.evaluation import Evaluation, Row
from jobs.evaluation.groups import ALL
from jobs.stages.trained_night import TrainedNight

METRICS = ("ndcg_at_10", "recall_at_10", "map_at_10", "mrr_at_10", "hit_rate_at_10", "ndcg_at_50", "recall_at_50")
CHARACTER = ("coverage_at_10", "gini_at_10", "novelty_at_10", "diversity_at_10", "repeats_at_10")
N_FEATURES = 10
ABSENT = "absent"


def build_card(night: TrainedNight, importance: pd.DataFrame | None) -> str:
    """The card.

    Parameters
    ----------
    night
        What was trained and found.
    importance
        Of the features of the ranker, the one that moves scores most first.
    """
    parts = [
        [f"# {night.content_name}", "", night.why[:1].upper() + night.why[1:] + "."],
        _numbers(night),
        _since(night.champion, night.champion_recipe, night.chosen.final.params, night.comparison),
        _use(night),
        _data(night),
        _method(night, importance),
        _groups(night),
        LIMITS,
        _loading(night),
    ]
    return "\n".join("\n".join(lines) + "\n" for lines in parts if lines)


def _numbers(night: TrainedNight) -> list[str]:
    if night.judged is None:
        return ["## Numbers", "", "No label window had closed: it was not judged."]
    evaluation = night.judged.evaluation
    lines = ["## Numbers"]
    for surface in evaluation.surfaces:
        for row in evaluation.select(surface, method=night.chosen.name):
            lines += ["", *_of_surface(evaluation, row)]
    return lines


def _of_surface(evaluation: Evaluation, row: Row) -> list[str]:
    best = evaluation.best_single.get(row.surface, "")
    head = f"`{row.surface}`, {row.n_users:,} users, the {evaluation.horizon_days} days after {evaluation.cut}"
    accuracy = [
        (name, _estimate(row.estimates[name]), _ratio(row.beside_best.get(name)))
        for name in METRICS
        if name in row.estimates
    ]
    character = [(name, _value(row, name), "") for name in CHARACTER if name in (*row.estimates, *row.totals)]
    columns = ("metric", f"value ({evaluation.confidence:.0%} interval)", f"times {best or 'best single source'}")
    return [f"{head}:", "", *_table(columns, [*accuracy, *character])]


def _since(champion: str, old: Mapping[str, Any], new: Mapping[str, Any], comparison: Comparison | None) -> list[str]:
    if not champion:
        return ["## Since the champion", "", "There was no champion."]
    before, after = flat_params(old), flat_params(new)
    changed = [
        (name, str(before.get(name, ABSENT)), str(after.get(name, ABSENT)))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    lines = ["## Since the champion", "", f"Yesterday's champion is `{champion}`."]
    lines += ["", *_table(("parameter", "champion", "this"), changed)] if changed else ["Its recipe is the same."]
    if comparison is not None:
        rows = [(name, *_beside(comparison.metrics[name])) for name in METRICS if name in comparison.metrics]
        head = f"On the same {comparison.n_users:,} users, {comparison.confidence:.0%} intervals of the difference:"
        lines += ["", head, "", *_table(("metric", "champion", "this", "difference"), rows)]
    return lines


def _use(night: TrainedNight) -> list[str]:
    return [
        "## Intended use",
        "",
        f"Ranks items for users of the app `{night.settings.app}` by their own history, for its pages: "
        "`for_you` mixes what a user may want again with what is new to them, `discover` has only the latter.",
        "Not for deciding what a user may see, pays or is offered, and not for judging users: a score orders the "
        "items of one user, and is no probability that two users could be compared by.",
    ]


def _data(night: TrainedNight) -> list[str]:
    told = night.settings.recommender
    rows = [
        ("app, run date", f"{night.settings.app}, {night.run_date}"),
        ("history", f"days of users and items, {told.history_days} days up to the run date; goal: {told.goal}"),
        ("left out", "users who asked to be deleted; items that are blocked or not to be had are on no list"),
        *((f"label window {number}", _window(*window)) for number, window in enumerate(night.windows, start=1)),
        ("training set", f"`{night.training_digest}`"),
        ("code, configuration", f"`{night.code_commit or 'not known'}`, `{night.config_fingerprint}`"),
    ]
    first = "The newest label window judged a twin that had not seen it; what is served learned from all of them."
    return ["## Data", "", first, "", *_table(("what", "which"), rows)]


def _window(cut: object, n_users: int) -> str:
    return f"the days after {cut}, {n_users:,} users to judge by"


def _method(night: TrainedNight, importance: pd.DataFrame | None) -> list[str]:
    report = night.contenders.report
    lines = ["## How it works", "", f"Kind `{night.chosen.final.name}`, served as `{night.chosen.name}`."]
    if report is not None:
        trees = ", ".join(f"{fit.n_served} for {fit.part} ({fit.objective})" for fit in report.fits.values())
        lines += [f"Trees: {trees}, grown from {report.n_rows:,} candidates of {report.n_users:,} users and windows."]
    names = [contender.name for contender in night.contenders.all if contender.kind == "source"]
    lines += [f"Sources: {', '.join(names)}."]
    lines += [f"Left out: `{name}` ({in_markdown(why)})." for name, why in sorted(night.contenders.left_out.items())]
    if importance is not None:
        top = importance.head(N_FEATURES)
        rows = [(str(one.feature), f"{one.mean_abs_shap:.3f}", f"{one.gain_share:.1%}") for one in top.itertuples()]
        lines += ["", *_table(("feature that moves scores most", "mean abs. SHAP", "share of gain"), rows)]
    return lines


def _groups(night: TrainedNight) -> list[str]:
    if night.judged is None:
        return []
    evaluation = night.judged.evaluation
    rows = [
        (f"`{row.surface}`", row.group, f"{row.n_users:,}", _estimate(row.estimates[evaluation.metric]))
        for surface in evaluation.surfaces
        for row in evaluation.select(surface, None, night.chosen.name)
        if row.group != ALL
    ]
    return (
        ["## By group of users", "", *_table(("surface", "group", "users", evaluation.metric), rows)] if rows else []
    )


LIMITS = [
    "## Limits",
    "",
    "- It was judged on what users found under the lists of their time: an item that nobody was shown had little "
    "chance to be right, so popular items look better than they are, and what is truly new looks worse.",
    "- It knows items that had an event, or that the catalogue named, up to the run date; later ones are on no list.",
    "- A user without any history gets what is popular, by country or platform where these are known.",
    "- Intervals are over users of one window; they do not tell how much one window differs from the next.",
    "- It holds no user: histories come with each call, and what is in them is all that it knows.",
]


def _loading(night: TrainedNight) -> list[str]:
    days = night.settings.recommender.history_days
    return [
        "## How to load it",
        "",
        "In an environment with the package `nightjar`, without Spark or Airflow; "
        "`docs/recommendations-in-a-notebook.md` has every step:",
        "",
        "```python",
        f'model = mlflow.pyfunc.load_model("models:/{night.settings.app}.recommender@champion")',
        f'histories = read_histories(home_folder(), "{night.settings.app}", users, run_date, {days})',
        'model.predict(histories, {"k": 10, "surface": "for_you"})',
        "```",
    ]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table; a cell that a log named cannot break it."""
    head = f"| {' | '.join(columns)} |"
    return [head, f"|{' --- |' * len(columns)}", *(f"| {' | '.join(map(_cell, row))} |" for row in rows)]


def _cell(text: str) -> str:
    # What this page itself marks as code holds a hash or a name of ours.
    return text if text.startswith("`") and text.endswith("`") else in_markdown(text)


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.4f} ({estimate.low:.4f} to {estimate.high:.4f})"


def _value(row: Row, name: str) -> str:
    return _estimate(row.estimates[name]) if name in row.estimates else f"{row.totals[name]:.4f}"


def _ratio(paired: Paired | None) -> str:
    if paired is None:
        return ""
    return f"{1 + paired.relative:.3f} ({paired.ratio_low:.3f} to {1 + paired.relative_high:.3f})"


def _beside(paired: Paired) -> tuple[str, str, str]:
    return (
        f"{paired.base:.4f}",
        f"{paired.value:.4f}",
        f"{paired.difference:+.4f} ({paired.low:+.4f} to {paired.high:+.4f})",
    )
