"""Feast's own way of putting the bench's night online: `materialize`, with the offline store that is asked for."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from feast import Entity, FeatureStore, FeatureView, Field, FileSource, RepoConfig, ValueType
from feast.data_format import ParquetFormat
from feast.types import Array, Bool, FeastType, Float64, Int64, String, UnixTimestamp

from jobs.features.online import ONLINE_VIEWS, online_columns
from tests.bench.serving.publish_data import END, VIEWS, feast_file

_TYPES: dict[str, FeastType] = {
    "string": String,
    "long": Int64,
    "double": Float64,
    "boolean": Bool,
    "timestamp": UnixTimestamp,
    "array<string>": Array(String),
    "array<double>": Array(Float64),
}


def open_feast(folder: Path, online: dict[str, Any], offline: str) -> FeatureStore:
    """A store of its own in a folder."""
    return FeatureStore(
        config=RepoConfig(
            project="bench",
            provider="local",
            registry=str(folder / "registry.db"),
            online_store=online,
            offline_store={"type": offline},
            entity_key_serialization_version=3,
            repo_path=folder,
        )
    )


def apply_views(store: FeatureStore, files: dict[str, list[Path]]) -> None:
    """Register the bench's views."""
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.STRING)
    store.apply([user, *(_view(name, user, feast_file(files[name][0])) for name in VIEWS)])


def materialize(store: FeatureStore) -> None:
    """Put the night online as Feast does."""
    store.materialize(END - timedelta(days=1), END + timedelta(days=1))


def _view(name: str, user: Entity, file: Path) -> FeatureView:
    spec = ONLINE_VIEWS[name]
    return FeatureView(
        name=name,
        entities=[user],
        ttl=timedelta(days=60),
        schema=[Field(name=column.name, dtype=_TYPES[column.type]) for column in online_columns(spec)],
        source=FileSource(path=str(file), file_format=ParquetFormat(), timestamp_field="event_timestamp"),
        online=True,
    )
