"""Short lists are filled with the list of a lower rung of the ladder."""

from dataclasses import replace

import numpy as np

from jobs.models.lists import NO_ITEM, Mask, Scores
from jobs.models.surfaces.pool import Pool, to_the_front

_STEP = 1e-3
"""By how much of itself a score lies below the one before: more than float32 rounds away, too little to mean much."""


def filled(pool: Pool, filling: Pool, k: int, left_out: Mask) -> Pool:
    """A pool with items of another one below its own, for the users who have fewer than k.

    Parameters
    ----------
    pool
        Shape (n_users, width).
    filling
        Shape (n_users, any width): the list of a lower rung for each user. An item that the user's pool has already
        is passed over. Its scores are kept where the pool is empty, and else lie below the pool's.
    k
        Items that are enough.
    left_out
        Shape of the filling: what a user must not get.

    Returns
    -------
    Pool
        Shape (n_users, max(width, k)).
    """
    short = np.flatnonzero(pool.lengths < k)
    wide = _widened(pool, max(pool.items.shape[1], k))
    if not len(short) or not filling.items.shape[1]:
        return wide
    own, extra = pool.rows(short), filling.rows(short)
    is_twice = (extra.items[:, :, None] == own.items[:, None, :]).any(axis=2)
    extra = replace(extra, scores=_below(own, extra), is_filling=np.ones(extra.items.shape, dtype=np.bool_))
    both = _beside(own, extra)
    kept = np.concatenate([own.items != NO_ITEM, ~(is_twice | left_out[short])], axis=1)
    _put(wide, short, to_the_front(both, kept, wide.items.shape[1]))
    return wide


def _below(own: Pool, extra: Pool) -> Scores:
    """Scores of the filling, below the lowest own one."""
    has_own = own.lengths > 0
    lowest = np.where(own.items != NO_ITEM, own.scores, np.inf).min(axis=1, initial=np.inf)
    lowest = np.where(has_own, lowest, 0)[:, None]
    falling = lowest - (np.abs(lowest) + _STEP) * _STEP * np.arange(1, extra.items.shape[1] + 1)
    return np.where(has_own[:, None], falling, extra.scores).astype(np.float32)


def _beside(left: Pool, right: Pool) -> Pool:
    return Pool(**{name: np.concatenate([values, vars(right)[name]], axis=1) for name, values in vars(left).items()})


def _widened(pool: Pool, width: int) -> Pool:
    columns = np.broadcast_to(np.arange(width), (len(pool.items), width))
    return pool.columns(np.where(columns < pool.items.shape[1], columns, -1).astype(np.int64))


def _put(pool: Pool, users: np.ndarray, rows: Pool) -> None:
    for name, values in vars(pool).items():
        values[users] = vars(rows)[name]
