"""An evaluation as numbers: records of a table, and flat names for runs and for the gate."""

import math
import re
from collections.abc import Iterator

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.evaluation import Evaluation, Row
from jobs.evaluation.groups import ALL


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


def _ratio_numbers(paired: Paired) -> dict[str, float]:
    return {"ratio": 1 + paired.relative, "ratio_low": paired.ratio_low, "ratio_high": 1 + paired.relative_high}


def _key(row: Row, name: str) -> dict[str, str | float]:
    keys = {"surface": row.surface, "method": row.method, "kind": row.kind, "group": row.group}
    return {**keys, "n_users": row.n_users, "metric": name}


def _allowed(name: str) -> str:
    """MLflow takes letters, digits and a few signs; a country may have others."""
    return re.sub(r"[^\w./ :-]", "_", name, flags=re.ASCII)
