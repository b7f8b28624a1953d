"""Writes rows the way Feast does, to compare ours with."""

from typing import Any

import pandas as pd
import pyarrow as pa
from feast import Entity, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.infra.online_stores.helpers import get_online_store_from_config
from feast.types import from_value_type
from feast.utils import _convert_arrow_to_proto

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.encode import stamp_values
from jobs.adapters.online.generation import Generation
from jobs.features import spec
from jobs.features.online import online_columns

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


def write_with_feast(
    view: spec.FeatureView, rows: pd.DataFrame, generation: Generation, online_store: dict[str, Any]
) -> None:
    """Create the view's table and write its rows with the online store's own methods."""
    config = RepoConfig(
        project="sample",
        provider="local",
        registry="registry.db",
        online_store=online_store,
        entity_key_serialization_version=3,
    )
    theirs = _feast_view(view)
    store = get_online_store_from_config(config.online_store)
    store.update(config, [], [theirs], [], [], partial=True)
    batch = _convert_arrow_to_proto(_stamped(view, rows, generation), theirs, {view.key: ValueType.STRING})
    store.online_write_batch(config, theirs, batch, None)


def _feast_view(view: spec.FeatureView) -> FeatureView:
    columns = [(view.key, ValueType.STRING), *((c.name, _TYPES[c.type]) for c in online_columns(view))]
    return FeatureView(
        name=view.name,
        entities=[Entity(name=view.entity, join_keys=[view.key], value_type=ValueType.STRING)],
        schema=[Field(name=name, dtype=from_value_type(kind)) for name, kind in columns],
        source=FileSource(path="unused.parquet", timestamp_field="event_timestamp"),
    )


def _stamped(view: spec.FeatureView, rows: pd.DataFrame, generation: Generation) -> pa.Table:
    table = pa.Table.from_pandas(rows, schema=arrow_schema(view.table), preserve_index=False)
    for name, value in stamp_values(generation).items():
        if name not in table.column_names:
            table = table.append_column(name, pa.array([value] * len(rows)))
    return table
