"""An evaluation on a terminal, as records for a table, and as flat numbers for a run."""

import math
import re
from collections.abc import Iterator, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group as Stack
from rich.table import Table
from rich.text import Text

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.evaluation import Evaluation, Row
from jobs.evaluation.groups import ALL
from jobs.evaluation.measures import ACCURACY, CHARACTER, TOTALS

_MOST_COLUMNS = 5  # methods beside each other in the table of groups, the best ones; records have all

_SHORT = {
    "ndcg": "nDCG",
    "recall": "recall",
    "map": "MAP",
    "mrr": "MRR",
    "hit_rate": "hit rate",
    "novelty": "novelty, bits",
    "diversity": "diversity",
    "category_diversity": "categories",
    "repeats": "repeats",
    "coverage": "coverage",
    "gini": "Gini",
    "equal_lists": "equal lists",
}


def render(evaluation: Evaluation, cuts: Sequence[int] = (10, 50)) -> Stack:
    """All of it: per surface the accuracy at each length, what lists are like, and the groups of users."""
    return Stack(*(part for surface in evaluation.surfaces for part in _surface(evaluation, surface, cuts)))


def records(evaluation: Evaluation) -> Iterator[dict[str, str | float]]:
    """One record per surface, method, group and metric: value, interval, and the ratio to the best single source."""
    for row in evaluation.rows:
        for name, estimate in row.estimates.items():
            beside = row.beside_best.get(name)
            yield {
                **_key(row, name),
                "value": estimate.value,
                "low": estimate.low,
                "high": estimate.high,
                **(_ratio_numbers(beside) if beside else {}),
            }
        for name, value in row.totals.items():
            yield {**_key(row, name), "value": value}


def flat_metrics(evaluation: Evaluation, method: str) -> dict[str, float]:
    """Numbers of one method for a run, finite ones only.

    ``<surface>/<metric>`` of all users, with ``_low`` and ``_high``; ``<surface>/<metric>_over_best_single`` and its
    ``_low``, for the metric that decides; and ``<surface>_by_group/<group>.<metric>`` of that one.
    """
    found: dict[str, float] = {}
    for surface in evaluation.surfaces:
        for row in evaluation.select(surface, method=method):
            for name, estimate in row.estimates.items():
                found[f"{surface}/{name}"] = estimate.value
                found[f"{surface}/{name}_low"], found[f"{surface}/{name}_high"] = estimate.low, estimate.high
            found |= {f"{surface}/{name}": value for name, value in row.totals.items()}
            if evaluation.metric in row.beside_best:
                beside = row.beside_best[evaluation.metric]
                found[f"{surface}/{evaluation.metric}_over_best_single"] = 1 + beside.relative
                found[f"{surface}/{evaluation.metric}_over_best_single_low"] = beside.ratio_low
        for row in evaluation.select(surface, None, method):
            if row.group != ALL:
                found[f"{surface}_by_group/{row.group}.{evaluation.metric}"] = row.value(evaluation.metric)
    return {_allowed(name): value for name, value in found.items() if math.isfinite(value)}


def gate_metrics(
    evaluation: Evaluation, method: str, surface: str = "for_you", is_personal: bool = True
) -> dict[str, float]:
    """Numbers of one method as the gate's rules name them: ``<metric>_at_<k>``, and ``<group>.<metric>_at_<k>``.

    A method that by design says the same of everybody, such as popularity, is not personal: that its lists are equal
    is left out, so that no ceiling refuses it for what it is.
    """
    found: dict[str, float] = {}
    for row in evaluation.select(surface, None, method):
        prefix = "" if row.group == ALL else f"{row.group}."
        names = [*row.estimates, *row.totals] if row.group == ALL else [evaluation.metric]
        found |= {f"{prefix}{name}": row.value(name) for name in names}
        found |= {"n_users": float(row.n_users)} if row.group == ALL else {}
    told = {name: value for name, value in found.items() if is_personal or not name.startswith("equal_lists_at_")}
    return {name: value for name, value in told.items() if math.isfinite(value)}


def _surface(evaluation: Evaluation, surface: str, cuts: Sequence[int]) -> list[Table]:
    rows = evaluation.select(surface)
    tables = [_accuracy(evaluation, rows, surface, k) for k in cuts if f"ndcg_at_{k}" in rows[0].estimates]
    tables += [_character(rows, surface, k) for k in cuts if f"repeats_at_{k}" in rows[0].estimates]
    return [*tables, _by_group(evaluation, surface)]


def _accuracy(evaluation: Evaluation, rows: Sequence[Row], surface: str, k: int) -> Table:
    title = f"{surface}: accuracy at {k}, {rows[0].n_users:,} users, {evaluation.confidence:.0%} intervals"
    best = evaluation.best_single.get(surface)
    table = _table(title, "method", *(_SHORT[name] for name in ACCURACY), f"nDCG over {best or 'best source'}")
    for row in _best_first(rows, f"ndcg_at_{k}"):
        first = _with_interval(row, f"ndcg_at_{k}")
        others = [_number(row.value(f"{name}_at_{k}")) for name in ACCURACY[1:]]
        table.add_row(_named(row, best), first, *others, _ratio(row.beside_best.get(f"ndcg_at_{k}")))
    return table


def _character(rows: Sequence[Row], surface: str, k: int) -> Table:
    names = [
        name for name in (*TOTALS, *CHARACTER) if any(math.isfinite(row.value(f"{name}_at_{k}")) for row in rows)
    ]
    table = _table(f"{surface}: what lists of {k} are like", "method", *(_SHORT[name] for name in names))
    for row in _best_first(rows, f"ndcg_at_{k}"):
        table.add_row(row.method, *(_number(row.value(f"{name}_at_{k}")) for name in names))
    return table


def _by_group(evaluation: Evaluation, surface: str) -> Table:
    metric = evaluation.metric
    methods = [row.method for row in evaluation.leading(surface, _MOST_COLUMNS)]
    table = _table(f"{surface}: {metric.replace('_at_', ' at ')} by group of users", "group", "users", *methods)
    groups = dict.fromkeys(row.group for row in evaluation.select(surface, None))
    for group in groups:
        rows = {row.method: row for row in evaluation.select(surface, group)}
        first = next(iter(rows.values()))
        table.add_row(group, f"{first.n_users:,}", *(_with_interval(rows[name], metric) for name in methods))
    return table


def _best_first(rows: Sequence[Row], name: str) -> list[Row]:
    return sorted(rows, key=lambda row: (-_or_zero(row.value(name)), row.method))


def _named(row: Row, best: str | None) -> Text:
    return Text(row.method, style="bold" if row.kind == "ranker" or row.method == best else "")


def _table(title: str, *columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", title=title, title_justify="left")
    for index, name in enumerate(columns):
        table.add_column(name, justify="left" if index == 0 else "right")
    return table


def _with_interval(row: Row, name: str) -> str:
    found = row.estimates[name]
    return f"{_number(found.value)} ({_number(found.low)}–{_number(found.high)})"  # noqa: RUF001


def _ratio(paired: Paired | None) -> str:
    if paired is None:
        return ""
    low, high = paired.ratio_low, 1 + paired.relative_high
    return f"{1 + paired.relative:.3f} ({low:.3f}–{high:.3f})"  # noqa: RUF001


def _ratio_numbers(paired: Paired) -> dict[str, float]:
    return {"ratio": 1 + paired.relative, "ratio_low": paired.ratio_low, "ratio_high": 1 + paired.relative_high}


def _key(row: Row, name: str) -> dict[str, str | float]:
    keys = {"surface": row.surface, "method": row.method, "kind": row.kind, "group": row.group}
    return {**keys, "n_users": row.n_users, "metric": name}


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "–"  # noqa: RUF001
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _allowed(name: str) -> str:
    """MLflow takes letters, digits and a few signs; a country may have others."""
    return re.sub(r"[^\w./ :-]", "_", name, flags=re.ASCII)
