"""Whether a higher score means that an item is wanted more often: what was observed in each tenth of the scores."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.evaluation.ranking import NO_ITEM, Items, find_hits

N_BINS = 10


@dataclass(frozen=True)
class ScoreBins:
    """Listed items in bins of equal size by score, lowest first; fewer bins where there are fewer items.

    Attributes
    ----------
    observed
        Shape (n_bins,): share that was wanted.
    predicted
        Shape (n_bins,): mean score, where scores are probabilities; else None.
    counts
        Shape (n_bins,): items.
    rate
        Share of all listed items that was wanted.
    """

    observed: npt.NDArray[np.float64]
    predicted: npt.NDArray[np.float64] | None
    counts: npt.NDArray[np.int64]
    rate: float


def compute_score_bins(
    lists: Items, scores: npt.NDArray[np.floating], relevant: csr_matrix, are_probabilities: bool = False
) -> ScoreBins:
    """Put every listed item into a bin by its score.

    Parameters
    ----------
    lists
        Shape (n_users, k), int32, -1 for none.
    scores
        Shape (n_users, k): of the listed items. Scores of one ranker are taken as comparable between users.
    relevant
        Shape (n_users, n_items).
    are_probabilities
        Whether a score says how likely the item is wanted.
    """
    listed = lists != NO_ITEM
    hits, values = find_hits(lists, relevant)[listed], scores[listed].astype(np.float64)
    order = np.argsort(values, kind="stable")
    # Equal scores may lie on both sides of a border: each counts with what all of them have.
    _, group = np.unique(values, return_inverse=True)
    within = np.bincount(group, weights=hits) / np.maximum(np.bincount(group), 1) if len(values) else np.empty(0)
    bins = [rows for rows in np.array_split(order, N_BINS) if len(rows)]
    return ScoreBins(
        observed=np.array([within[group[rows]].mean() for rows in bins]),
        predicted=np.array([values[rows].mean() for rows in bins]) if are_probabilities else None,
        counts=np.array([len(rows) for rows in bins], dtype=np.int64),
        rate=float(hits.mean()) if len(hits) else 0.0,
    )
