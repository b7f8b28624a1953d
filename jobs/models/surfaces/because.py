"""`because_you`: rows of items, each anchored on an item that the user had."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.config.lists import BecauseYouSettings
from jobs.core.surfaces import BECAUSE_YOU_HAD, REASONS
from jobs.models.candidates import Candidates
from jobs.models.lists import Mask
from jobs.models.surfaces.had import Had
from jobs.models.surfaces.pool import Pool, empty_pool
from jobs.models.user_batches import user_batches

_SPARE = 2
"""Anchors looked at for each one wanted: some have too few neighbours left."""


@dataclass(frozen=True)
class _Rows:
    """One row per user, anchor and item, in that order of users and strength of anchors: arrays of one length."""

    user: npt.NDArray[np.int64]
    anchor: npt.NDArray[np.int32]
    order: npt.NDArray[np.int64]
    item: npt.NDArray[np.int32]
    value: npt.NDArray[np.float32]
    source: npt.NDArray[np.int16]

    def take(self, rows: npt.NDArray[np.generic]) -> "_Rows":
        return _Rows(**{name: values[rows] for name, values in vars(self).items()})


def because_you(
    candidates: Candidates,
    had_weights: csr_matrix,
    had: Had,
    neighbours: csr_matrix | None,
    allowed: Mask,
    leaves_out_had: bool,
    settings: BecauseYouSettings,
    k: int,
) -> Pool:
    """Rows of users, one after the other in one list; ranks run through.

    A user's anchors are the items with the largest decayed weight, so had often and of late. Below each stand the
    neighbours that are candidates of the user, ordered by what the anchor says for them times the user's discovery
    score (0 for the least of the user's candidates, 1 for the best). An item stands below the anchor where it has the
    largest product, and nowhere else; an anchor with fewer than ``min_items`` left has no row.

    Parameters
    ----------
    candidates
        Of the users.
    had_weights
        Shape (n_users, n_items): decayed weight of what each user had.
    had
        The same pairs, for looking up.
    neighbours
        As in `SurfaceInput`; None gives no rows.
    allowed
        Shape (n_items,): what may be on a list.
    leaves_out_had
        Whether what the user had is left out.
    settings
        Numbers of anchors and of their items.
    k
        Items in all, at most.

    Returns
    -------
    Pool
        Shape (n_users, k): scores do not rise within the row of an anchor.
    """
    made = empty_pool(candidates.n_users, k)
    if neighbours is None or not had_weights.nnz or not len(candidates.item):
        return made
    affinity = _affinity(candidates)
    for start, stop in user_batches(candidates.n_users, len(candidates.items)):
        rows = _offered(candidates, affinity, had_weights, neighbours, settings, start, stop)
        rows = rows.take(np.flatnonzero(allowed[rows.item] & (rows.value > 0)))
        if leaves_out_had:
            rows = rows.take(np.flatnonzero(~_was_had(had, rows)))
        rows = _once(rows, (stop - start, len(candidates.items)), start)
        _write(made, _cut(rows, settings, k))
    return made


def _affinity(candidates: Candidates) -> npt.NDArray[np.float32]:
    """Shape (n_rows,): the discovery score from 0 for the least of a user's candidates to 1 for the best."""
    low = np.full(candidates.n_users, np.inf, dtype=np.float32)
    high = np.full(candidates.n_users, -np.inf, dtype=np.float32)
    np.minimum.at(low, candidates.user, candidates.discovery_score)
    np.maximum.at(high, candidates.user, candidates.discovery_score)
    spread = np.where(high > low, high - low, 1)
    shares = (candidates.discovery_score - low[candidates.user]) / spread[candidates.user]
    # The only candidate of a user is the best.
    return np.where((high == low)[candidates.user], 1, shares).astype(np.float32)


def _offered(
    candidates: Candidates,
    affinity: npt.NDArray[np.float32],
    had_weights: csr_matrix,
    neighbours: csr_matrix,
    settings: BecauseYouSettings,
    start: int,
    stop: int,
) -> _Rows:
    """All neighbours of the strongest anchors of the users at positions ``start:stop``."""
    user, anchor, order = _strongest(had_weights[start:stop], neighbours, settings.anchors * _SPARE)
    said = neighbours[anchor]
    lengths = np.diff(said.indptr)
    rows = slice(*candidates.indptr[[start, stop]].tolist())
    own, item = candidates.user[rows] - start, candidates.item[rows]
    value = np.zeros((stop - start, len(candidates.items)), dtype=np.float32)
    source = np.zeros(value.shape, dtype=np.int16)
    value[own, item] = affinity[rows]
    source[own, item] = candidates.source[rows]
    flat = np.repeat(user, lengths)
    return _Rows(
        user=flat + start,
        anchor=np.repeat(anchor, lengths),
        order=np.repeat(order, lengths),
        item=said.indices.astype(np.int32),
        value=said.data * value[flat, said.indices],
        source=source[flat, said.indices],
    )


def _strongest(
    weights: csr_matrix, neighbours: csr_matrix, n: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """The n items of each user with the largest weight that have a neighbour: user, item, and their order from 0."""
    speaks = np.diff(neighbours.indptr) > 0
    user = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    kept = np.flatnonzero(speaks[weights.indices])
    user, item, weight = user[kept], weights.indices[kept], weights.data[kept]
    order = np.lexsort((item, -weight, user))
    user, item = user[order], item[order]
    place = _count_within(user)
    first = place < n
    return user[first], item[first].astype(np.int32), place[first]


def _was_had(had: Had, rows: _Rows) -> Mask:
    key = rows.user * had.n_items + rows.item
    place = np.searchsorted(had.key, key).clip(max=max(0, len(had.key) - 1))
    return np.asarray(had.key[place] == key, dtype=np.bool_) if len(had.key) else np.zeros(len(key), np.bool_)


def _once(rows: _Rows, shape: tuple[int, int], first_user: int) -> _Rows:
    """Each item of a user below the anchor that says most for it; of equals below the stronger one."""
    user = rows.user - first_user
    best = np.zeros(shape, dtype=np.float32)
    np.maximum.at(best, (user, rows.item), rows.value)
    is_best = rows.value == best[user, rows.item]
    order = np.full(shape, np.iinfo(np.int16).max, dtype=np.int16)
    np.minimum.at(order, (user[is_best], rows.item[is_best]), rows.order[is_best].astype(np.int16))
    return rows.take(np.flatnonzero(is_best & (order[user, rows.item] == rows.order)))


def _cut(rows: _Rows, settings: BecauseYouSettings, k: int) -> _Rows:
    """The best items of each anchor, the first anchors with enough of them, k items of a user in all."""
    group = _group(rows)
    # Rows stand in the order user, anchor, item, which a stable sort by value leaves to equals.
    rows = rows.take(np.argsort(_falling_within(group, rows.value), kind="stable"))
    enough = np.bincount(group, minlength=1) >= settings.min_items
    place = _count_within(group)
    rows = rows.take(np.flatnonzero((place < settings.items) & enough[group]))
    rows = rows.take(np.flatnonzero(_count_groups(rows) < settings.anchors))
    return rows.take(np.flatnonzero(_count_within(rows.user) < k))


def _falling_within(group: npt.NDArray[np.int64], value: npt.NDArray[np.float32]) -> npt.NDArray[np.uint64]:
    """One number per row that rises with its group, and within it as its value falls; values are positive."""
    falling = ~np.ascontiguousarray(value).view(np.uint32)
    return np.asarray((group.astype(np.uint64) << np.uint64(32)) | falling.astype(np.uint64))


def _group(rows: _Rows) -> npt.NDArray[np.int64]:
    """Number of each user and anchor, in their order."""
    pair = np.stack([rows.user, rows.order])
    return np.asarray(np.cumsum(np.diff(pair, axis=1, prepend=-1).any(axis=0)) - 1, dtype=np.int64)


def _count_groups(rows: _Rows) -> npt.NDArray[np.int64]:
    """Which of its user's anchors that are left a row belongs to, from 0."""
    group = _group(rows)
    if not len(group):
        return group
    first = np.flatnonzero(np.diff(rows.user, prepend=-1))
    return np.asarray(group - np.repeat(group[first], np.diff(np.append(first, len(group)))), dtype=np.int64)


def _count_within(ordered: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Numbers from 0 within each run of equal values."""
    first = np.flatnonzero(np.diff(ordered, prepend=-1))
    lengths = np.diff(np.append(first, len(ordered)))
    return np.asarray(np.arange(len(ordered)) - np.repeat(first, lengths), dtype=np.int64)


def _write(pool: Pool, rows: _Rows) -> None:
    place = _count_within(rows.user)
    pool.items[rows.user, place] = rows.item
    pool.scores[rows.user, place] = rows.value
    pool.sources[rows.user, place] = rows.source
    pool.anchors[rows.user, place] = rows.anchor
    pool.reasons[rows.user, place] = REASONS.index(BECAUSE_YOU_HAD)
