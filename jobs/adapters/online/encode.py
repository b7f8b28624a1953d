"""Rows as the bytes that Feast itself would store; light, without Feast."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from jobs.adapters.lake.arrow import arrow_type
from jobs.adapters.online.generation import Generation
from jobs.adapters.online.wire import encode_column
from jobs.features.online import online_columns
from jobs.features.spec import FeatureView

_STRING_TYPE = 2  # of Feast's ValueType

Cell = tuple[bytes, str | None]


@dataclass(frozen=True)
class EncodedColumn:
    """One feature of the rows of a view.

    Attributes
    ----------
    values
        Serialized.
    plain
        What Feast's SQL stores keep beside a scalar as text, before it is text; None for lists and times.
    is_stamp
        Whether all rows have the same.
    """

    values: list[bytes]
    plain: list[Any] | None
    is_stamp: bool = False

    def texts(self) -> list[str | None]:
        """The texts beside the values, parallel to them."""
        if self.plain is None:
            return [None] * len(self.values)
        return [None if value is None or value != value else str(value) for value in self.plain]


@dataclass(frozen=True)
class EncodedView:
    """Rows of one view.

    Attributes
    ----------
    view
        Its spec.
    keys
        Serialized entity keys, ascending.
    columns
        By feature, parallel to `keys`.
    contents
        8 bytes that change with a row's features, and its model, and not with its stamps; parallel to `keys`.
    event_time
        Of every row, UTC.
    """

    view: FeatureView
    keys: list[bytes]
    columns: dict[str, EncodedColumn]
    contents: list[bytes]
    event_time: datetime


def encode_view(view: FeatureView, rows: pa.Table, generation: Generation) -> EncodedView:
    """Encode rows of a view and stamp them with their generation.

    Parameters
    ----------
    view
        Its spec.
    rows
        One row per key: the columns of the view's table.
    generation
        Gives `generation`, `run_date`, `expires_at` and the event time.
    """
    keys = [encode_key(view.key, value) for value in rows.column(view.key).to_pylist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    if order != list(range(len(keys))):
        rows, keys = rows.take(pa.array(order, pa.int64())), [keys[row] for row in order]
    stamps = stamp_values(generation)
    columns = {}
    for column in online_columns(view):
        if column in view.features:
            columns[column.name] = _column(rows.column(column.name).combine_chunks(), column.type)
        else:
            columns[column.name] = _repeated(stamps[column.name], column.type, len(keys))
    own = [columns[column.name] for column in view.features]
    return EncodedView(view, keys, columns, _contents(own), generation.event_time)


def stamp_values(generation: Generation) -> dict[str, Any]:
    """Values of the columns that every row of a generation has in common; `model` is a feature view's."""
    return {
        "model": "",
        "generation": generation.name,
        "run_date": str(generation.run_date),
        "expires_at": generation.expires_at,
    }


def encode_key(join_key: str, value: str) -> bytes:
    """The serialized entity key of one id, in version 3 of Feast's keys (feature_store.yaml)."""
    raw = value.encode()
    return key_prefix(join_key) + struct.pack("<2I", _STRING_TYPE, len(raw)) + raw


def key_prefix(join_key: str) -> bytes:
    """How every serialized key of an entity begins."""
    name = join_key.encode()
    return struct.pack("<3I", 1, _STRING_TYPE, len(name)) + name


def encode_values(values: Sequence[Any], kind: str) -> list[Cell]:
    """A few values of one column, with their texts; a missing one is Feast's empty one."""
    column = _column(pa.array(values, arrow_type(kind)), kind)
    return list(zip(column.values, column.texts(), strict=True))


def _column(values: Any, kind: str) -> EncodedColumn:
    has_text = kind != "timestamp" and not kind.startswith("array")
    return EncodedColumn(encode_column(values, kind), values.to_pylist() if has_text else None)


def _repeated(value: Any, kind: str, times: int) -> EncodedColumn:
    one = _column(pa.array([value], arrow_type(kind)), kind)
    return EncodedColumn(one.values * times, None if one.plain is None else one.plain * times, is_stamp=True)


def _contents(columns: Sequence[EncodedColumn]) -> list[bytes]:
    """Not for strangers' eyes: eight bytes find a change by accident of one in 2^64, which is for counting enough."""
    return [blake2b(b"".join(row), digest_size=8).digest() for row in _rows(columns)]


def _rows(columns: Sequence[EncodedColumn]) -> Iterator[tuple[bytes, ...]]:
    # Where one value ends is told by the values themselves, which carry their lengths; a null is told by a mark.
    return zip(*([value or b"\0" for value in column.values] for column in columns), strict=True)
