"""Rows put online as docs/online-layout.md says, by Feast's own encoders and not by our writer."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from feast import FeatureView, ValueType
from feast.infra.key_encoding_utils import serialize_entity_key
from feast.infra.online_stores.helpers import _mmh3
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from feast.type_map import python_values_to_proto_values

Rows = dict[str, dict[str, dict[str, Any]]]
"""View -> key -> column -> value."""


def key_of(join_key: str, value: str) -> bytes:
    """An entity's key as Feast writes it."""
    key = EntityKey(join_keys=[join_key], entity_values=[Value(string_val=value)])
    return serialize_entity_key(key, entity_key_serialization_version=3)


def value_of(value: Any, kind: ValueType) -> bytes:
    """One value as Feast writes it."""
    return python_values_to_proto_values([value], kind)[0].SerializeToString()


def encoded(view: FeatureView, row: dict[str, Any]) -> dict[str, bytes]:
    """All features of a row."""
    return {field.name: value_of(row[field.name], field.dtype.to_value_type()) for field in view.features}


@dataclass
class PlainWriter:
    """Replaces all that a store holds by the rows given; `store` is an open FeatureStore."""

    store: Any
    place: Path | Any

    def replace(self, rows: Rows) -> None:
        """At one moment."""
        views = {view.name: view for view in self.store.list_feature_views()}
        cells = [
            (name, key_of(views[name].entity_columns[0].name, key), encoded(views[name], row))
            for name, keyed in rows.items()
            for key, row in keyed.items()
        ]
        (self._sqlite if isinstance(self.place, Path) else self._redis)(list(views), cells)

    def _sqlite(self, views: list[str], cells: list[tuple[str, bytes, dict[str, bytes]]]) -> None:
        database = sqlite3.connect(self.place, isolation_level=None)
        database.execute("PRAGMA journal_mode = wal")
        database.execute("BEGIN IMMEDIATE")
        for name in views:
            table = f'"{self.store.project}_{name}"'
            database.execute(
                f"CREATE TABLE IF NOT EXISTS {table} (entity_key BLOB, feature_name TEXT, value BLOB,"
                " value_text TEXT, vector_value BLOB, event_ts timestamp, created_ts timestamp,"
                " PRIMARY KEY(entity_key, feature_name))"
            )
            database.execute(f"DELETE FROM {table}")
            lines = [(key, c, v) for view, key, row in cells if view == name for c, v in row.items()]
            statement = f"INSERT INTO {table} VALUES (?, ?, ?, NULL, NULL, 1741046400, NULL)"
            database.executemany(statement, lines)
        database.execute("COMMIT")
        database.close()

    def _redis(self, _: list[str], cells: list[tuple[str, bytes, dict[str, bytes]]]) -> None:
        from google.protobuf.timestamp_pb2 import Timestamp

        pipe = self.place.pipeline(transaction=True)
        pipe.flushdb()
        for name, key, row in cells:
            fields = {_mmh3(f"{name}:{column}"): value for column, value in row.items()}
            stamp = {f"_ts:{name}": Timestamp(seconds=1741046400).SerializeToString()}
            pipe.hset(key + self.store.project.encode(), mapping={**fields, **stamp})
        pipe.execute()
