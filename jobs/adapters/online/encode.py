"""Rows as the bytes that Feast itself would store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
from feast.infra.key_encoding_utils import serialize_entity_key
from feast.infra.online_stores.helpers import extract_text_and_num
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from feast.type_map import python_values_to_proto_values
from feast.value_type import ValueType

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.generation import Generation
from jobs.features.online import online_columns
from jobs.features.spec import FeatureView

_KEY_VERSION = 3  # entity_key_serialization_version of feature_store.yaml
_TYPES = {
    "string": ValueType.STRING,
    "int": ValueType.INT32,
    "long": ValueType.INT64,
    "double": ValueType.DOUBLE,
    "timestamp": ValueType.UNIX_TIMESTAMP,
    "array<string>": ValueType.STRING_LIST,
    "array<long>": ValueType.INT64_LIST,
    "array<double>": ValueType.DOUBLE_LIST,
}

Cell = tuple[bytes, str | None]


@dataclass(frozen=True)
class EncodedView:
    """All rows of one view.

    Attributes
    ----------
    view
        Its spec.
    keys
        Serialized entity keys, ascending.
    columns
        By feature, parallel to `keys`: the serialized value, and the text that Feast's SQL stores keep
        beside a scalar.
    event_time
        Of every row, UTC.
    """

    view: FeatureView
    keys: list[bytes]
    columns: dict[str, list[Cell]]
    event_time: datetime


def encode_view(view: FeatureView, frame: pd.DataFrame, generation: Generation) -> EncodedView:
    """Encode the rows of a view and stamp them with their generation.

    Parameters
    ----------
    view
        Its spec.
    frame
        One row per key: the columns of the view's table.
    generation
        Gives `generation`, `run_date`, `expires_at` and the event time.
    """
    keys = [encode_key(view.key, value) for value in frame[view.key]]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rows = pa.Table.from_pandas(frame, schema=arrow_schema(view.table), preserve_index=False)
    rows = rows.take(pa.array(order, pa.int64()))
    stamps = stamp_values(generation)
    columns = {}
    for column in online_columns(view):
        stored = column in view.features
        values = rows.column(column.name).to_pylist() if stored else [stamps[column.name]] * len(keys)
        columns[column.name] = encode_values(values, column.type)
    return EncodedView(view, [keys[row] for row in order], columns, generation.event_time)


def stamp_values(generation: Generation) -> dict[str, Any]:
    """Values of the columns that every row of a generation has in common; `model` is a feature view's."""
    return {
        "model": "",
        "generation": generation.name,
        "run_date": str(generation.run_date),
        "expires_at": generation.expires_at,
    }


def encode_key(join_key: str, value: str) -> bytes:
    """The serialized entity key of one id."""
    key = EntityKey(join_keys=[join_key], entity_values=[Value(string_val=value)])
    return bytes(serialize_entity_key(key, entity_key_serialization_version=_KEY_VERSION))


def encode_values(values: Sequence[Any], kind: str) -> list[Cell]:
    """Encode one column; a missing value is Feast's empty one.

    Scalars repeat (stamps, counts, segments), so each is encoded once.
    """
    if kind.startswith("array"):
        return _cells(values, kind)
    distinct = list(dict.fromkeys(values))
    by_value = dict(zip(distinct, _cells(distinct, kind), strict=True))
    return [by_value[value] for value in values]


def naive_utc(moment: datetime) -> datetime:
    """The moment as Feast's stores take it."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def _cells(values: Sequence[Any], kind: str) -> list[Cell]:
    protos = python_values_to_proto_values(list(values), _TYPES[kind])
    return [(proto.SerializeToString(), extract_text_and_num(proto, False)[0]) for proto in protos]
