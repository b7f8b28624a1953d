"""Turns a spec of `jobs/features` into Feast's own feature view."""

import os

import entities
from feast import Entity, FeatureView, Field, FileSource
from feast.data_format import ParquetFormat
from feast.types import Array, FeastType, Float64, Int32, Int64, String, UnixTimestamp

from jobs.core.errors import ConfigError
from jobs.core.table import Column
from jobs.features import spec
from jobs.features.online import online_columns
from jobs.features.registry import VIEWS

_ENTITIES: dict[str, Entity] = {
    "user": entities.user,
    "item": entities.item,
    "context": entities.context,
    "segment": entities.segment,
    "everybody": entities.everybody,
}
_TYPES: dict[str, FeastType] = {
    "string": String,
    "int": Int32,
    "long": Int64,
    "double": Float64,
    "timestamp": UnixTimestamp,
    "array<string>": Array(String),
    "array<long>": Array(Int64),
    "array<double>": Array(Float64),
}


def feature_view(view: spec.FeatureView) -> FeatureView:
    """Build the feature view of a spec.

    Its schema holds the spec's features, which are online and offline, and the columns that the
    publish adds online (`generation`, `run_date`, `expires_at`, and `model` where it has none).
    """
    key = Column(view.key, "string", f"id of the {view.entity}")
    return FeatureView(
        name=view.name,
        entities=[_ENTITIES[view.entity]],
        ttl=view.ttl,
        schema=[_field(column) for column in (key, *online_columns(view))],
        source=_source(view),
        online=True,
        description=view.doc,
        owner=view.owner,
        tags={"kind": _kind(view)},
    )


def _kind(view: spec.FeatureView) -> str:
    """What the client takes a view for: features, list, serving or prediction."""
    names = {column.name for column in view.features}
    if view.name in VIEWS:
        return "features"
    if {"items", "scores", "reasons", "anchors"} <= names:
        return "list"
    return "serving" if view.name == "user_serving" else "prediction"


def _field(column: Column) -> Field:
    return Field(name=column.name, dtype=_TYPES[column.type], description=column.doc)


def _source(view: spec.FeatureView) -> FileSource:
    return FileSource(
        name=f"{view.name}_files",
        path=f"{_offline_folder()}/{view.name}/*.parquet",
        file_format=ParquetFormat(),
        timestamp_field=spec.EVENT_TIMESTAMP.name,
        description=f"Current partitions of the lake's table {view.name}.",
        owner=view.owner,
    )


def _offline_folder() -> str:
    try:
        return os.environ["NIGHTJAR_FEAST_OFFLINE"]
    except KeyError:
        raise ConfigError(
            "NIGHTJAR_FEAST_OFFLINE is not set, so the sources have no folder; "
            'run first: eval "$(nightjar env --app APP)"'
        ) from None
