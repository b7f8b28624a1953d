"""Challenger beside champion on the same users and the same holdout: what the gate is asked with.

In the tables it is flat JSON, in the column `paired` of a challenger::

    {"confidence": 0.95, "n_draws": 2000, "n_users": 1395,
     "metrics": {"ndcg_at_10": {"value": 0.41, "base": 0.32, "difference": 0.09, "low": 0.08, "high": 0.1,
                                "relative": 0.28, "relative_low": 0.25, "relative_high": 0.32}},
     "groups": {"activity.light": {"n_users": 470, "ndcg_at_10": {...}}}}
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

import numpy as np

from jobs.evaluation.bootstrap import Draws, Paired, resample
from jobs.evaluation.groups import ALL, Group, Users
from jobs.evaluation.ranking import PerUser


@dataclass(frozen=True)
class Resampling:
    """How intervals are drawn.

    Attributes
    ----------
    confidence
        Share of intervals that hold the truth.
    n_draws
        Times that users are drawn.
    seed
        Of the draws.
    """

    confidence: float = 0.95
    n_draws: int = 2000
    seed: int = 7


@dataclass(frozen=True)
class GroupComparison:
    """One group of users.

    Attributes
    ----------
    n_users
        Its size.
    paired
        The metric that decides. Intervals of all groups hold together: each is wider, by the number of groups
        (Bonferroni; Dunn, 1961), since a night with ten groups would else find a "worse" one every fourth time.
    """

    n_users: int
    paired: Paired


@dataclass(frozen=True)
class Comparison:
    """A challenger (value) beside a champion (base).

    Attributes
    ----------
    confidence, n_draws
        Of the intervals.
    n_users
        Users that both were judged on.
    metrics
        Metric to the two on all users.
    groups
        Name of a group to the two on its users, by the metric that decides.
    """

    confidence: float
    n_draws: int
    n_users: int
    metrics: Mapping[str, Paired]
    groups: Mapping[str, GroupComparison]

    def to_json(self, metric: str) -> str:
        """As the challenger's row keeps it; ``metric`` is the one that the groups are compared by."""
        groups = {
            name: {"n_users": group.n_users, metric: _told(group.paired)} for name, group in self.groups.items()
        }
        told = {
            "confidence": self.confidence,
            "n_draws": self.n_draws,
            "n_users": self.n_users,
            "metrics": {name: _told(paired) for name, paired in self.metrics.items()},
            "groups": groups,
        }
        return json.dumps(told, sort_keys=True, allow_nan=False)

    @classmethod
    def from_json(cls, text: str, metric: str) -> Self | None:
        """Read what `to_json` gave; None for empty text or an empty object: nothing was compared."""
        told = json.loads(text or "{}")
        if not told:
            return None
        groups = {
            name: GroupComparison(int(group["n_users"]), Paired.from_json(group[metric]))
            for name, group in told["groups"].items()
            if metric in group
        }
        return cls(
            confidence=float(told["confidence"]),
            n_draws=int(told["n_draws"]),
            n_users=int(told["n_users"]),
            metrics={name: Paired.from_json(paired) for name, paired in told["metrics"].items()},
            groups=groups,
        )


def compare(
    challenger: Mapping[str, PerUser],
    champion: Mapping[str, PerUser],
    metric: str,
    groups: Sequence[Group],
    how: Resampling,
) -> Comparison:
    """Compare two methods on the same users.

    Parameters
    ----------
    challenger, champion
        Metric to shape (n_users,), users in one order.
    metric
        The one that decides.
    groups
        Of the users; ``all`` are those that metrics are compared on, everybody where it is not given, and not
        counted as a group.
    how
        Intervals are drawn.
    """
    names = [name for name in challenger if name in champion]
    users = next((group.users for group in groups if group.name == ALL), np.arange(len(challenger[metric])))
    together = _draw(challenger, champion, names, how, users)
    told_apart = [group for group in groups if group.name != ALL and len(group.users)]
    of_groups = 1.0 - (1.0 - how.confidence) / max(1, len(told_apart))
    return Comparison(
        confidence=how.confidence,
        n_draws=how.n_draws,
        n_users=len(users),
        metrics={name: together.paired(2 * i, 2 * i + 1, how.confidence) for i, name in enumerate(names)},
        groups={
            group.name: GroupComparison(
                len(group.users),
                _draw(challenger, champion, [metric], how, group.users).paired(0, 1, of_groups),
            )
            for group in told_apart
        },
    )


def _draw(
    challenger: Mapping[str, PerUser],
    champion: Mapping[str, PerUser],
    names: Sequence[str],
    how: Resampling,
    users: Users,
) -> Draws:
    columns = [values[name][users] for name in names for values in (challenger, champion)]
    return resample(np.column_stack(columns), how.n_draws, how.seed)


def _told(paired: Paired) -> dict[str, float | None]:
    """JSON knows no not-a-number."""
    return {name: value if math.isfinite(value) else None for name, value in asdict(paired).items()}
