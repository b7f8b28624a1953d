"""Measures every method on every task, and sums it up with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from jobs.evaluation.beyond_accuracy import ItemFacts
from jobs.evaluation.bootstrap import resample
from jobs.evaluation.choice import best_single
from jobs.evaluation.comparison import Resampling
from jobs.evaluation.evaluation import Evaluation, Kind, Row
from jobs.evaluation.groups import Group
from jobs.evaluation.measures import CUTS, Measured, measure, measure_together
from jobs.evaluation.ranking import Items
from jobs.evaluation.tasks import Task


@dataclass(frozen=True)
class Method:
    """A source alone, or the ranker, with its lists.

    Attributes
    ----------
    name
        As tables and runs call it.
    kind
        ``source`` or ``ranker``; the best single source is one of the former.
    lists
        Surface to shape (users of its task, at least the longest cut), int32: positions in the items of the task,
        best first, -1 where a list is shorter.
    """

    name: str
    kind: Kind
    lists: Mapping[str, Items]


@dataclass(frozen=True)
class About:
    """What an evaluation is of; fields as in `Evaluation`."""

    app: str
    cut: date
    horizon_days: int
    metric: str = "ndcg_at_10"
    cuts: tuple[int, ...] = CUTS


Measurements = Mapping[str, Mapping[str, Measured]]
"""Surface to method to what was measured, user by user: what the gate and the choice of a challenger are given."""


def measure_methods(
    methods: Sequence[Method], tasks: Sequence[Task], facts: ItemFacts, cuts: Sequence[int] = CUTS
) -> Measurements:
    """Measure each method on each surface for which it has lists."""
    return {
        task.surface: {
            method.name: measure(method.lists[task.surface], task.relevant, task.had, facts, cuts)
            for method in methods
            if task.surface in method.lists
        }
        for task in tasks
    }


def summarise(
    measurements: Measurements,
    kinds: Mapping[str, Kind],
    tasks: Sequence[Task],
    facts: ItemFacts,
    about: About,
    how: Resampling,
) -> Evaluation:
    """Means with intervals, for all users and each group, beside the best single source of the surface.

    Parameters
    ----------
    measurements
        By `measure_methods`.
    kinds
        Method to its kind.
    tasks, facts
        The same as measured with.
    about
        What it is of.
    how
        Intervals are drawn.
    """
    best: dict[str, str] = {}
    rows: list[Row] = []
    for task in tasks:
        measured = measurements[task.surface]
        everybody = task.groups[0].users
        sources = {n: m.per_user[about.metric][everybody] for n, m in measured.items() if kinds[n] == "source"}
        base = best_single(sources)
        if base is not None:
            best[task.surface] = base
        for group in task.groups if measured else ():
            rows += _rows(task.surface, group, measured, kinds, base, facts, about, how)
    order = {name: index for index, name in enumerate(kinds)}
    surfaces = {task.surface: index for index, task in enumerate(tasks)}
    rows.sort(key=lambda row: (surfaces[row.surface], order[row.method]))
    return Evaluation(
        app=about.app,
        cut=about.cut,
        horizon_days=about.horizon_days,
        metric=about.metric,
        confidence=how.confidence,
        n_draws=how.n_draws,
        seed=how.seed,
        best_single=best,
        rows=tuple(rows),
    )


def _rows(
    surface: str,
    group: Group,
    measured: Mapping[str, Measured],
    kinds: Mapping[str, Kind],
    base: str | None,
    facts: ItemFacts,
    about: About,
    how: Resampling,
) -> list[Row]:
    columns = [(method, name) for method, lists in measured.items() for name in lists.per_user]
    place = {column: index for index, column in enumerate(columns)}
    values = [measured[method].per_user[name][group.users] for method, name in columns]
    draws = resample(np.column_stack(values), how.n_draws, how.seed)
    return [
        Row(
            surface=surface,
            method=method,
            kind=kinds[method],
            group=group.name,
            n_users=len(group.users),
            estimates={name: draws.estimate(place[method, name], how.confidence) for name in lists.per_user},
            totals=measure_together(lists.lists[group.users], facts, about.cuts),
            beside_best={
                name: draws.paired(place[method, name], place[base, name], how.confidence)
                for name in lists.per_user
                if base is not None and base != method
            },
        )
        for method, lists in measured.items()
    ]
