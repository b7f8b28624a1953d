"""What the sources say of each candidate: scores, scores against the user's best, ranks, and their agreement."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.models.lists import Scores
from jobs.models.two_stage.best_scores import best_scores
from jobs.models.two_stage.union import Pairs

Columns = dict[str, npt.NDArray[np.float32]]

TOP = 30  # items of a source that say how high its scores go for this user
VOTE = 50  # a source votes for what it ranks above this: a list of the lake
UNRANKED = 1000  # rank of what a source does not score; past any list


def source_columns(names: Sequence[str], scores: Sequence[Scores], pairs: Pairs) -> Columns:
    """For each source its score, its score over the mean of the user's top 30, its rank; then votes and mean rank.

    Parameters
    ----------
    names, scores
        Of each source; scores have shape (n_users, n_items).
    pairs
        Candidates of the same users.

    Returns
    -------
    dict
        Name to shape (n_rows,), float32.
    """
    columns: Columns = {}
    ranks = []
    for name, of_source in zip(names, scores, strict=True):
        found = of_source[pairs.user, pairs.item]
        rank = rank_within(found, pairs)
        columns[f"{name}_score"] = found
        columns[f"{name}_ratio"] = found / _top_mean(of_source)[pairs.user]
        columns[f"{name}_rank"] = rank
        ranks.append(rank)
    every = np.stack(ranks)
    columns["n_votes"] = (every < VOTE).sum(axis=0).astype(np.float32)
    columns["mean_log_rank"] = np.log1p(every).mean(axis=0, dtype=np.float32)
    columns["best_rank"] = every.min(axis=0)
    return columns


def rank_within(values: npt.NDArray[np.float32], pairs: Pairs) -> npt.NDArray[np.float32]:
    """How many of the user's candidates have a higher value.

    Parameters
    ----------
    values
        Shape (n_rows,).

    Returns
    -------
    ndarray
        Shape (n_rows,), float32: 0 for the best; equals share a rank; `UNRANKED` where the value is not positive.
    """
    starts = pairs.starts
    place = np.arange(len(values)) - starts[pairs.user]
    width = int(np.diff(starts).max(initial=1))
    table = np.full((pairs.shape[0], width), np.inf, dtype=np.float32)
    table[pairs.user, place] = -values
    order = np.argsort(table, axis=1)
    ordered = np.take_along_axis(table, order, axis=1)
    is_first = np.ones(table.shape, dtype=np.bool_)
    is_first[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    firsts = np.maximum.accumulate(np.where(is_first, np.arange(width), 0), axis=1)
    rank = np.empty(table.shape, dtype=np.float32)
    np.put_along_axis(rank, order, firsts.astype(np.float32), axis=1)
    return np.where(values > 0, rank[pairs.user, place], np.float32(UNRANKED))


def loudest(names: Sequence[str], columns: Columns) -> npt.NDArray[np.int16]:
    """Which source speaks most for a candidate: the best rank; among equals the one furthest above its own mean.

    Returns
    -------
    ndarray
        Shape (n_rows,), int16: positions in `names`.
    """
    order = []
    for name in names:
        ratio = np.maximum(columns[f"{name}_ratio"], 0)
        order.append(columns[f"{name}_rank"] - ratio / (1 + ratio))
    return np.asarray(np.argmin(np.stack(order), axis=0), dtype=np.int16)


def _top_mean(scores: Scores) -> npt.NDArray[np.float32]:
    """Shape (n_users,): mean of the best 30 positive scores, 1 where there is none."""
    best = best_scores(scores, min(TOP, scores.shape[1]))
    total, count = best.sum(axis=1), (best > 0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.float32(1)).astype(np.float32)
