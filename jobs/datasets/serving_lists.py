"""Rows of the views of lists, column by column: lists of a million users never become Python objects on their way."""

from collections.abc import Collection
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.features.serving import ListView

LISTS = {
    "items": "item_id",
    "scores": "score",
    "reasons": "reason",
    "anchors": "anchor",
    "sources": "source",
}
"""Column of `recommendations` behind each of the parallel lists."""


def rows_of(recommendations: pa.Table, keys: Collection[str]) -> pa.Table:
    """Rows of some keys."""
    return recommendations.filter(_is_one_of(recommendations.column("key"), keys))


def build_list_view(
    listed: ListView, recommendations: pa.Table, delisted: Collection[str], n_items: int, event_time: datetime
) -> pa.Table:
    """Lists of one view, one row per key.

    Parameters
    ----------
    listed
        The view.
    recommendations
        Rows of `recommendations` in the order of its grain (entity, key, surface, rank); those of other views are
        passed over.
    delisted
        Items that nobody may be shown; those below them move up.
    n_items
        Longest list online; what comes after it is left out.
    event_time
        End of the run date, UTC.

    Returns
    -------
    Table
        The view's columns: parallel lists in the order of rank, and the model of the first item.

    Raises
    ------
    ValueError
        If the rows of the view are in another order.
    """
    is_own = pc.and_(
        pc.equal(recommendations.column("entity"), listed.view.entity),
        pc.equal(recommendations.column("surface"), listed.surface),
    )
    is_shown = pc.invert(_is_one_of(recommendations.column("item_id"), delisted))
    rows = recommendations.filter(pc.and_(is_own, is_shown)).combine_chunks()
    _check_order(listed, rows)
    starts = _starts(rows.column("key"))
    best = rows.filter(pa.array(_places(starts, rows.num_rows) < n_items))
    offsets = pa.array(_offsets(starts, rows.num_rows, n_items))
    first = rows.take(pa.array(starts))
    columns = {
        listed.view.key: first.column("key"),
        "event_timestamp": pa.repeat(pa.scalar(event_time, pa.timestamp("us", "UTC")), len(starts)),
        "model": first.column("model"),
        **{name: pa.ListArray.from_arrays(offsets, _values(best, column)) for name, column in LISTS.items()},
    }
    return pa.table(columns).select(list(listed.view.table.column_names))


def _is_one_of(values: pa.ChunkedArray, wanted: Collection[str]) -> pa.ChunkedArray:
    return pc.is_in(values, value_set=pa.array(sorted(wanted), pa.string()))


def _check_order(listed: ListView, rows: pa.Table) -> None:
    """Two rows of one key, or ranks that go back, would otherwise be served without a word."""
    upper, lower = rows.slice(0, max(0, rows.num_rows - 1)), rows.slice(1)
    is_next = pc.less(upper.column("key"), lower.column("key"))
    is_same = pc.equal(upper.column("key"), lower.column("key"))
    is_below = pc.less(upper.column("rank"), lower.column("rank"))
    if not pc.all(pc.or_(is_next, pc.and_(is_same, is_below)), min_count=0).as_py():
        raise ValueError(f"{listed.view.name}: rows of recommendations are not ordered by key and rank")


def _starts(keys: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    """Shape (n_keys,): the first row of each."""
    changes = pc.not_equal(keys.slice(1), keys.slice(0, max(0, len(keys) - 1))).to_numpy()
    return np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), dtype=np.bool_), changes]))


def _places(starts: npt.NDArray[np.int64], n_rows: int) -> npt.NDArray[np.int64]:
    """Shape (n_rows,): of each row within its key, from 0."""
    return np.arange(n_rows) - np.repeat(starts, np.diff(np.append(starts, n_rows)))


def _offsets(starts: npt.NDArray[np.int64], n_rows: int, n_items: int) -> npt.NDArray[np.int32]:
    """Shape (n_keys + 1,): where each key's list begins once it is cut, and where the last one ends."""
    lengths = np.minimum(np.diff(np.append(starts, n_rows)), n_items)
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)


def _values(rows: pa.Table, column: str) -> pa.Array:
    return rows.column(column).combine_chunks()
