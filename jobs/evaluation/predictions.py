"""How good a prediction was on a holdout: its metrics, of groups of users, and with intervals."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from jobs.evaluation.bootstrap import draw_weights
from jobs.evaluation.comparison import Resampling
from jobs.evaluation.drawn import Drawn

Ints = npt.NDArray[np.int64]

MIN_GROUP = 50
"""Users of the smallest group that is told apart."""

MIN_RARE = 5
"""Users of its rarer class: draws repeat the same few, so that of fewer an interval is far too narrow."""


def compute_metrics(drawn: Drawn) -> dict[str, float]:
    """Metrics of all users, each once; ValueError where they cannot be told."""
    return drawn.draw(np.ones(drawn.n_users))


def find_groups(groups: Mapping[str, Sequence[str]]) -> dict[str, Ints]:
    """``<kind>.<name>`` to the positions of its users, of every group that is large enough.

    Parameters
    ----------
    groups
        Kind of group to the name of each user's group.
    """
    found: dict[str, Ints] = {}
    for kind, names in sorted(groups.items()):
        # A log may call a country anything; MLflow takes few characters in the name of a metric.
        told = np.asarray([re.sub(r"[^\w -]", "_", str(name), flags=re.ASCII) for name in names])
        places = {f"{kind}.{name}": np.flatnonzero(told == name) for name in np.unique(told)}
        found |= {name: place for name, place in places.items() if len(place) >= MIN_GROUP}
    return found


def compute_by_group(drawn: Drawn, groups: Mapping[str, Ints], how: Resampling) -> dict[str, float]:
    """``<group>.<metric>``, and its ``_low`` and ``_high``, of every group that can be judged.

    Parameters
    ----------
    drawn
        All users.
    groups
        As `find_groups` gives them.
    how
        Intervals are drawn, each for itself: that one of many groups lies apart may be chance.
    """
    found: dict[str, float] = {}
    for name, users in groups.items():
        own = drawn.take(users)
        if own.n_rare >= MIN_RARE:
            told = {**compute_metrics(own), **compute_intervals(own, how)}
            found |= {f"{name}.{metric}": value for metric, value in told.items()}
    return found


def compute_intervals(drawn: Drawn, how: Resampling) -> dict[str, float]:
    """``<metric>_low`` and ``_high``, by drawing users again and again; see `bootstrap.py`."""
    rows = []
    for block in draw_weights(drawn.n_users, how.n_draws, how.seed):
        for weights in block:
            try:
                rows.append(drawn.draw(weights))
            except ValueError:
                continue  # one class only
    tail = (1.0 - how.confidence) / 2
    found: dict[str, float] = {}
    for metric in rows[0] if rows else ():
        low, high = np.quantile([each[metric] for each in rows], [tail, 1.0 - tail])
        found |= {f"{metric}_low": float(low), f"{metric}_high": float(high)}
    return found
