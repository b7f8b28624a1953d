"""The best scores of users out of whole rows of them, most of which may be zeros."""

import numpy as np
import numpy.typing as npt

from jobs.models.lists import Scores

MOSTLY = 0.5
"""Share of positive scores below which zeros are told apart first."""


def best_scores(scores: Scores, k: int) -> Scores:
    """The largest positive scores of each user.

    Parameters
    ----------
    scores
        Shape (n_users, n_items), float32.
    k
        How many, at most n_items.

    Returns
    -------
    ndarray
        Shape (n_users, k), float32, ascending, so that their sum is the same on every machine; 0 where a user has
        fewer.
    """
    return np.sort(_largest(scores, k), axis=1)


def last_of_best(scores: Scores, k: int) -> Scores:
    """Shape (n_users, 1): the k-th largest score of each user, 0 where fewer are positive."""
    return np.asarray(_largest(scores, k).min(axis=1, keepdims=True), dtype=np.float32)


def _largest(scores: Scores, k: int) -> npt.NDArray[np.float32]:
    """In no order. Selection takes ten times as long where most values are equal: zeros are made to differ."""
    positive = scores > 0
    if np.count_nonzero(positive) < MOSTLY * positive.size:
        below = -np.arange(1, scores.shape[1] + 1, dtype=np.float32)
        scores = np.where(positive, scores, below)
    return np.maximum(np.partition(scores, -k, axis=1)[:, -k:], np.float32(0))
