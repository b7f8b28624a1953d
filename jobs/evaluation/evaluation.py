"""One evaluation: each method on each surface, for all users and by group, with intervals, beside the best source."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal, Self

from jobs.evaluation.bootstrap import Estimate, Paired
from jobs.evaluation.groups import ALL

POPULARITY = "popularity"
"""What everybody can be given without knowing them; where it was measured, others are held against it."""

Kind = Literal["source", "ranker"]


@dataclass(frozen=True)
class Row:
    """One row per surface, method and group of users.

    Attributes
    ----------
    surface, method, kind, group
        Which.
    n_users
        Users of the group that have something relevant on the surface.
    estimates
        ``<metric>_at_<k>`` to its mean over users, with its interval.
    totals
        ``<metric>_at_<k>`` of what all lists together have: coverage, Gini, share of equal lists.
    beside_best
        ``<metric>_at_<k>`` to the method beside the best single source of the surface; empty for that source itself.
    """

    surface: str
    method: str
    kind: Kind
    group: str
    n_users: int
    estimates: Mapping[str, Estimate]
    totals: Mapping[str, float]
    beside_best: Mapping[str, Paired]

    def value(self, name: str) -> float:
        """A metric of either kind; not a number where it was not measured."""
        return self.estimates[name].value if name in self.estimates else self.totals.get(name, math.nan)


@dataclass(frozen=True)
class Evaluation:
    """All rows, and how they came about.

    Attributes
    ----------
    app, cut, horizon_days
        History up to the end of the cut, wanted in the days after it.
    metric
        By which the best single source is found, and which the gate decides by.
    confidence, n_draws, seed
        Of the intervals.
    best_single
        Surface to the name of the source with the highest mean for all users.
    rows
        In the order surface, method as given, group.
    """

    app: str
    cut: date
    horizon_days: int
    metric: str
    confidence: float
    n_draws: int
    seed: int
    best_single: Mapping[str, str]
    rows: tuple[Row, ...]

    @property
    def surfaces(self) -> tuple[str, ...]:
        """In order."""
        return tuple(dict.fromkeys(row.surface for row in self.rows))

    def select(self, surface: str, group: str | None = ALL, method: str | None = None) -> list[Row]:
        """Rows of a surface; of every group, or method, where it is None."""
        return [
            row
            for row in self.rows
            if row.surface == surface and group in (None, row.group) and method in (None, row.method)
        ]

    def best_first(self, surface: str, metric: str) -> list[Row]:
        """Rows for all users by a metric; what is not a number counts as 0, equal ones go by name."""
        return sorted(self.select(surface), key=lambda row: (-_or_zero(row.value(metric)), row.method))

    def leading(self, surface: str, n_most: int) -> list[Row]:
        """Rows for all users, best first by the metric that decides: so many, `POPULARITY` among them."""
        rows = self.best_first(surface, self.metric)
        yardstick = [row for row in rows[n_most:] if row.method == POPULARITY]
        return [*rows[: n_most - len(yardstick)], *yardstick]

    def to_json(self) -> str:
        """All of it; a number that is none is null."""
        told = asdict(self) | {"cut": str(self.cut)}
        return json.dumps(_without_nan(told), indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` gave."""
        told = json.loads(text)
        rows = tuple(_row(row) for row in told.pop("rows"))
        return cls(**told | {"cut": date.fromisoformat(told["cut"])}, rows=rows)


def _or_zero(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def _row(told: Mapping[str, Any]) -> Row:
    estimates = {name: Estimate(**_with_nan(each)) for name, each in told["estimates"].items()}
    beside = {name: Paired.from_json(each) for name, each in told["beside_best"].items()}
    return Row(**{**told, "estimates": estimates, "totals": _with_nan(told["totals"]), "beside_best": beside})


def _with_nan(numbers: Mapping[str, float | None]) -> dict[str, float]:
    return {name: math.nan if value is None else value for name, value in numbers.items()}


def _without_nan(told: Any) -> Any:
    if isinstance(told, dict):
        return {name: _without_nan(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_without_nan(value) for value in told]
    return None if isinstance(told, float) and not math.isfinite(told) else told
