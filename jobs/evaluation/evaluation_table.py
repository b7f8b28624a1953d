"""An evaluation on a terminal: tables that a person reads."""

import math

from rich.box import SIMPLE_HEAD
from rich.console import Group as Stack
from rich.table import Table
from rich.text import Text

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.evaluation import Evaluation, Row
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

_TO = "–"  # noqa: RUF001  # the en dash that print has between two numbers, and for one that is missing


def render(evaluation: Evaluation) -> Stack:
    """All of it: per surface the accuracy at each length, what lists are like, and the groups of users."""
    return Stack(*(part for surface in evaluation.surfaces for part in _surface(evaluation, surface)))


def _surface(evaluation: Evaluation, surface: str) -> list[Table]:
    first = evaluation.select(surface)[0]
    tables = [_accuracy(evaluation, surface, k) for k in _lengths(first, "ndcg")]
    tables += [_character(evaluation, surface, k) for k in _lengths(first, "repeats")]
    return [*tables, _by_group(evaluation, surface)]


def _lengths(row: Row, metric: str) -> list[int]:
    """Where lists were cut for a metric."""
    return sorted(int(name.rpartition("_")[2]) for name in row.estimates if name.startswith(f"{metric}_at_"))


def _accuracy(evaluation: Evaluation, surface: str, k: int) -> Table:
    rows = evaluation.best_first(surface, f"ndcg_at_{k}")
    title = f"{surface}: accuracy at {k}, {rows[0].n_users:,} users, {evaluation.confidence:.0%} intervals"
    best = evaluation.best_single.get(surface)
    table = _table(title, "method", *(_SHORT[name] for name in ACCURACY), f"nDCG over {best or 'best source'}")
    for row in rows:
        first = _with_interval(row, f"ndcg_at_{k}")
        others = [_number(row.value(f"{name}_at_{k}")) for name in ACCURACY[1:]]
        table.add_row(_named(row, best), first, *others, _ratio(row.beside_best.get(f"ndcg_at_{k}")))
    return table


def _character(evaluation: Evaluation, surface: str, k: int) -> Table:
    rows = evaluation.best_first(surface, f"ndcg_at_{k}")
    names = [
        name for name in (*TOTALS, *CHARACTER) if any(math.isfinite(row.value(f"{name}_at_{k}")) for row in rows)
    ]
    table = _table(f"{surface}: what lists of {k} are like", "method", *(_SHORT[name] for name in names))
    for row in rows:
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


def _named(row: Row, best: str | None) -> Text:
    return Text(row.method, style="bold" if row.kind == "ranker" or row.method == best else "")


def _table(title: str, *columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", title=title, title_justify="left")
    for index, name in enumerate(columns):
        table.add_column(name, justify="left" if index == 0 else "right")
    return table


def _with_interval(row: Row, name: str) -> str:
    found = row.estimates[name]
    return f"{_number(found.value)} ({_number(found.low)}{_TO}{_number(found.high)})"


def _ratio(paired: Paired | None) -> str:
    if paired is None:
        return ""
    low, high = paired.ratio_low, 1 + paired.relative_high
    return f"{1 + paired.relative:.3f} ({low:.3f}{_TO}{high:.3f})"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return _TO
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
