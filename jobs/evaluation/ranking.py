"""Ranking metrics, for each user and over all, against the items that a user turned out to want.

In all of them a list is cut at k, gains are 0 or 1, and the best possible list has min(k, number of
relevant items) hits at the top, so every value lies between 0 and 1.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Items = npt.NDArray[np.int32]
PerUser = npt.NDArray[np.float64]
NO_ITEM = -1

_BLOCK_USERS = 20_000


def compute_per_user(lists: Items, relevant: csr_matrix, k: int) -> dict[str, PerUser]:
    """All metrics of each user.

    Parameters
    ----------
    lists
        Shape (n_users, at least k), int32: item positions, best first, -1 where a list is shorter.
    relevant
        Shape (n_users, n_items): a stored entry is a relevant item; at least one a user.
    k
        Where lists are cut, at least 1.

    Returns
    -------
    dict
        Shape (n_users,) each: ``ndcg``, ``recall``, ``map``, ``mrr``, ``hit_rate``.

    Raises
    ------
    ValueError
        If shapes do not match, a list has an item twice, or a user has nothing relevant.
    """
    _check(lists, relevant, k)
    hits = find_hits(lists[:, :k], relevant)
    n_relevant = np.diff(relevant.indptr)
    return {
        "ndcg": compute_ndcg(hits, n_relevant),
        "recall": compute_recall(hits, n_relevant),
        "map": compute_average_precision(hits, n_relevant),
        "mrr": compute_reciprocal_rank(hits),
        "hit_rate": np.asarray(hits.any(axis=1), dtype=np.float64),
    }


def compute_at_cuts(lists: Items, relevant: csr_matrix, cuts: Sequence[int]) -> dict[str, PerUser]:
    """`compute_per_user` at several lengths, named ``<metric>_at_<k>``; memory is that of a block of users."""
    blocks = [slice(start, start + _BLOCK_USERS) for start in range(0, len(lists), _BLOCK_USERS)] or [slice(0, 0)]
    parts = [
        {
            f"{name}_at_{k}": values
            for k in cuts
            for name, values in compute_per_user(lists[rows], relevant[rows], k).items()
        }
        for rows in blocks
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def compute_coverage(lists: Items, n_items: int) -> float:
    """Share of the catalogue that is on at least one list; 0 for an empty catalogue."""
    listed = np.unique(lists[lists != NO_ITEM])
    return len(listed) / n_items if n_items else 0.0


def find_hits(lists: Items, relevant: csr_matrix) -> npt.NDArray[np.bool_]:
    """Whether each listed item is relevant.

    Parameters
    ----------
    lists
        Shape (n_users, k), int32, -1 for none.
    relevant
        Shape (n_users, n_items).

    Returns
    -------
    ndarray
        Shape (n_users, k), bool.
    """
    n_users, n_items = relevant.shape
    users = np.arange(n_users, dtype=np.int64)
    if not relevant.nnz:
        return np.zeros(lists.shape, dtype=np.bool_)
    # Rows come in order: what is left to sort is within them, and a look-up stays close to the one before.
    wanted = np.sort(np.repeat(users, np.diff(relevant.indptr)) * n_items + relevant.indices)
    listed = users[:, None] * n_items + lists
    place = np.searchsorted(wanted, listed).clip(max=len(wanted) - 1)
    return np.asarray((wanted[place] == listed) & (lists != NO_ITEM))


def compute_ndcg(hits: npt.NDArray[np.bool_], n_relevant: npt.NDArray[np.integer]) -> PerUser:
    """Discounted gain by 1 / log2(rank + 1) over that of the best possible list (Järvelin and Kekäläinen, 2002).

    Parameters
    ----------
    hits
        Shape (n_users, k), bool.
    n_relevant
        Shape (n_users,), at least 1.
    """
    discount = 1.0 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discount)[np.minimum(n_relevant, hits.shape[1]) - 1]
    return np.asarray(hits @ discount / ideal)


def compute_recall(hits: npt.NDArray[np.bool_], n_relevant: npt.NDArray[np.integer]) -> PerUser:
    """Hits over relevant items (Kent et al., 1955); cannot reach 1 where n_relevant is above k.

    Arguments as `compute_ndcg`.
    """
    return np.asarray(hits.sum(axis=1) / n_relevant)


def compute_average_precision(hits: npt.NDArray[np.bool_], n_relevant: npt.NDArray[np.integer]) -> PerUser:
    """Sum of the precision at each hit over min(k, n_relevant) (Buckley and Voorhees, 2000; cut at k).

    Arguments as `compute_ndcg`.
    """
    ranks = np.arange(1, hits.shape[1] + 1)
    precision = np.cumsum(hits, axis=1) / ranks
    return np.asarray((precision * hits).sum(axis=1) / np.minimum(n_relevant, hits.shape[1]))


def compute_reciprocal_rank(hits: npt.NDArray[np.bool_]) -> PerUser:
    """One over the rank of the first hit (Voorhees, 1999), 0 without one. ``hits`` has shape (n_users, k)."""
    return np.asarray(np.where(hits.any(axis=1), 1.0 / (hits.argmax(axis=1) + 1), 0.0))


def _check(lists: Items, relevant: csr_matrix, k: int) -> None:
    if not 1 <= k <= lists.shape[1]:
        raise ValueError(f"k must be between 1 and the length of the lists, {lists.shape[1]}; got {k}")
    if lists.shape[0] != relevant.shape[0]:
        raise ValueError(f"lists are of {lists.shape[0]} users, relevant items of {relevant.shape[0]}")
    if lists.size and lists.max() >= relevant.shape[1]:
        raise ValueError(f"lists name item {lists.max()}, relevant has {relevant.shape[1]} items")
    n_empty = int((np.diff(relevant.indptr) == 0).sum())
    if n_empty:
        raise ValueError(f"{n_empty} users have no relevant item; leave them out before")
    ordered = np.sort(lists, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] != NO_ITEM)).any():
        raise ValueError("a list has the same item twice")
