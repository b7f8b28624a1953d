"""Metrics of a predicted probability against what happened.

Users with equal predictions are treated as one group wherever order matters, so that no value depends
on the order of the rows.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

Labels = npt.NDArray[np.bool_]
Probabilities = npt.NDArray[np.float64]

N_BINS = 10
CLIP = 1e-15  # keeps the logarithm finite for a prediction of exactly 0 or 1


@dataclass(frozen=True)
class Calibration:
    """Predicted beside observed, in bins of equal size by rank of the prediction, lowest first.

    Attributes
    ----------
    predicted, observed
        Shape (n_bins,): mean prediction, and share of positives.
    counts
        Shape (n_bins,): rows in each bin.
    """

    predicted: Probabilities
    observed: Probabilities
    counts: npt.NDArray[np.int64]


def compute_classification(labels: npt.ArrayLike, probabilities: npt.ArrayLike) -> dict[str, float]:
    """All metrics of one set of predictions.

    Parameters
    ----------
    labels
        Shape (n,): 0 or 1, both present.
    probabilities
        Shape (n,): between 0 and 1.

    Returns
    -------
    dict
        ``auc``, ``average_precision``, ``log_loss``, ``brier``, ``ece``, ``lift_top_decile``,
        ``mean_predicted``, ``mean_observed``.

    Raises
    ------
    ValueError
        If shapes differ, a value is out of range, or only one class is there.
    """
    happened, predicted = _checked(labels, probabilities)
    return {
        "auc": compute_auc(happened, predicted),
        "average_precision": compute_average_precision(happened, predicted),
        "log_loss": compute_log_loss(happened, predicted),
        "brier": float(np.mean((predicted - happened) ** 2)),
        "ece": compute_ece(happened, predicted),
        "lift_top_decile": compute_lift(happened, predicted),
        "mean_predicted": float(predicted.mean()),
        "mean_observed": float(happened.mean()),
    }


def compute_auc(labels: Labels, probabilities: Probabilities) -> float:
    """Chance that a positive is ranked above a negative, ties half: the Mann-Whitney statistic."""
    n_positive = int(labels.sum())
    n_negative = len(labels) - n_positive
    rank_sum = float(rankdata(probabilities)[labels].sum())
    return (rank_sum - n_positive * (n_positive + 1) / 2) / (n_positive * n_negative)


def compute_average_precision(labels: Labels, probabilities: Probabilities) -> float:
    """Mean over positives of the precision at their threshold, without interpolation."""
    order = np.argsort(-probabilities, kind="stable")
    last_of_group = np.append(np.diff(probabilities[order]) != 0, True)
    taken = np.flatnonzero(last_of_group) + 1
    positives = np.cumsum(labels[order])[last_of_group]
    gained = np.diff(positives, prepend=0)
    return float((gained * positives / taken).sum() / positives[-1])


def compute_log_loss(labels: Labels, probabilities: Probabilities) -> float:
    """Mean negative log-likelihood, natural logarithm."""
    of_truth = np.where(labels, probabilities, 1.0 - probabilities)
    return float(-np.log(np.clip(of_truth, CLIP, 1.0)).mean())


def compute_calibration(labels: Labels, probabilities: Probabilities, n_bins: int = N_BINS) -> Calibration:
    """Predicted beside observed in equal bins by rank; fewer bins where there are fewer rows."""
    order = np.argsort(probabilities, kind="stable")
    bins = np.array_split(order, min(n_bins, len(order)))
    observed = _share_within_ties(labels, probabilities)
    return Calibration(
        predicted=np.array([probabilities[rows].mean() for rows in bins]),
        observed=np.array([observed[rows].mean() for rows in bins]),
        counts=np.array([len(rows) for rows in bins], dtype=np.int64),
    )


def compute_ece(labels: Labels, probabilities: Probabilities) -> float:
    """Expected calibration error: mean over rows of their bin's |predicted - observed|, ten bins by rank."""
    bins = compute_calibration(labels, probabilities)
    return float(np.average(np.abs(bins.predicted - bins.observed), weights=bins.counts))


def compute_lift(labels: Labels, probabilities: Probabilities) -> float:
    """Share of positives in the tenth of rows with the highest predictions, over that of all rows."""
    n_top = max(1, len(labels) // 10)
    top = np.argsort(-probabilities, kind="stable")[:n_top]
    return float(_share_within_ties(labels, probabilities)[top].mean() / labels.mean())


def _share_within_ties(labels: Labels, probabilities: Probabilities) -> Probabilities:
    """Shape (n,): share of positives among all rows with the same prediction."""
    _, group = np.unique(probabilities, return_inverse=True)
    return np.asarray((np.bincount(group, weights=labels) / np.bincount(group))[group])


def _checked(labels: npt.ArrayLike, probabilities: npt.ArrayLike) -> tuple[Labels, Probabilities]:
    happened = np.asarray(labels, dtype=np.float64)
    predicted = np.asarray(probabilities, dtype=np.float64)
    if happened.ndim != 1 or happened.shape != predicted.shape:
        raise ValueError(f"labels have shape {happened.shape}, probabilities {predicted.shape}")
    if set(np.unique(happened).tolist()) != {0.0, 1.0}:
        raise ValueError(f"labels must be 0 and 1, both present; got {np.unique(happened)[:5].tolist()}")
    if not ((predicted >= 0) & (predicted <= 1)).all():
        raise ValueError("probabilities must lie between 0 and 1, none missing")
    return happened.astype(np.bool_), predicted
