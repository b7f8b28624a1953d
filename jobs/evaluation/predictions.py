"""How good a prediction was on a holdout: its metrics, by group, with intervals, beside the base rate and a rival."""

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from jobs.evaluation.bootstrap import draw_weights
from jobs.evaluation.classification import compute_classification
from jobs.evaluation.drawn import Drawn

Floats = npt.NDArray[np.float64]
Compute = Callable[[npt.NDArray[np.int64]], Mapping[str, float]]
"""Metrics of the users at some positions."""

MIN_GROUP = 50
"""Users of the smallest group that is told apart: of fewer an interval says nothing."""


def compute_precision_at(label: Floats, told: Floats, share: float) -> float:
    """Share of positives among the users with the highest predictions, as many as a budget reaches."""
    n = max(1, round(share * len(label)))
    return float(label[np.argsort(-told, kind="stable")[:n]].mean())


def compute_probability(label: Floats, told: Floats, budget: float) -> dict[str, float]:
    """All metrics of a probability.

    Raises
    ------
    ValueError
        If only one class is there.
    """
    metrics = compute_classification(label, told)
    return {**metrics, "precision_at_budget": compute_precision_at(label, told, budget)}


def find_groups(groups: Mapping[str, Sequence[str]]) -> dict[str, npt.NDArray[np.int64]]:
    """``<kind>.<name>`` to the positions of its users, of every group that is large enough.

    Parameters
    ----------
    groups
        Kind of group to the name of each user's group.
    """
    found: dict[str, npt.NDArray[np.int64]] = {}
    for kind, names in sorted(groups.items()):
        # A log may call a country anything; MLflow takes few characters in the name of a metric.
        told = np.asarray([re.sub(r"[^\w -]", "_", str(name), flags=re.ASCII) for name in names])
        places = {f"{kind}.{name}": np.flatnonzero(told == name) for name in np.unique(told)}
        found |= {name: place for name, place in places.items() if len(place) >= MIN_GROUP}
    return found


def compute_by_group(compute: Compute, groups: Mapping[str, npt.NDArray[np.int64]]) -> dict[str, float]:
    """``<group>.<metric>`` of every group that can be judged.

    Parameters
    ----------
    compute
        Metrics of the users at some positions.
    groups
        As `find_groups` gives them.
    """
    found: dict[str, float] = {}
    for name, place in groups.items():
        try:
            found |= {f"{name}.{metric}": value for metric, value in compute(place).items()}
        except ValueError:
            continue  # one class only
    return found


def compute_intervals(drawn: Drawn, n_draws: int, confidence: float, seed: int) -> dict[str, float]:
    """``<metric>_low`` and ``_high``, by drawing users again and again; see `bootstrap.py`."""
    rows = []
    for block in draw_weights(drawn.n_users, n_draws, seed):
        for weights in block:
            try:
                rows.append(drawn.draw(weights))
            except ValueError:
                continue  # one class only
    tail = (1.0 - confidence) / 2
    found: dict[str, float] = {}
    for metric in rows[0] if rows else ():
        low, high = np.quantile([each[metric] for each in rows], [tail, 1.0 - tail])
        found |= {f"{metric}_low": float(low), f"{metric}_high": float(high)}
    return found
