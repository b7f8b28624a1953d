"""A store of many users that all have lists, a prediction and features, in Feast's layout, for reading benches.

The rows are put there by Feast's own encoders and plain inserts, so that a bench of reading needs no writer of ours.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from jobs.adapters.online.environment import feature_store
from jobs.adapters.online.registry import apply_registry
from jobs.core.config import load_settings
from jobs.core.config.model import Settings
from jobs.core.home import Home

APP = "sample"
LIST_ITEMS = 20
_VARIANTS = 200
"""Different rows of a view; users share them, which changes neither sizes nor places."""


@dataclass(frozen=True)
class Place:
    """Where the rows are.

    Attributes
    ----------
    root
        NIGHTJAR_HOME.
    feast
        The open store.
    users
        Ids that have rows.
    """

    root: Path
    settings: Settings
    feast: Any
    users: list[str]


def make_place(root: Path, n_users: int, redis: str | None = None) -> Place:
    """Fill a store; SQLite, or the Redis at `redis` (host:port), which is emptied first."""
    settings = load_settings(APP)
    if redis:
        online = settings.online.model_copy(update={"store": "redis", "redis": redis})
        settings = settings.model_copy(update={"online": online})
    home = Home(root, APP)
    apply_registry(settings, home)
    store = feature_store(settings, home)
    users = [f"u{n:06d}" for n in range(n_users)]
    keys = {"user_id": users, "everybody": ["everybody"], "segment": ["new", "active", "dormant"]}
    views = [view for view in store.list_feature_views() if view.entity_columns[0].name in keys]
    rows = ((view, keys[view.entity_columns[0].name], list(_variants(view))) for view in views)
    if redis:
        _fill_redis(redis, store.project, rows)
    else:
        _fill_sqlite(home.online / "online.db", store.project, rows)
    return Place(root, settings, store, users)


def _variants(view: Any) -> Iterator[dict[str, bytes]]:
    from feast.type_map import python_values_to_proto_values

    today = datetime.now(UTC).date()
    for n in range(_VARIANTS):
        row = _row(view, n, today)
        yield {
            field.name: python_values_to_proto_values([row[field.name]], field.dtype.to_value_type())[
                0
            ].SerializeToString()
            for field in view.features
        }


def _row(view: Any, n: int, today: date) -> dict[str, Any]:
    end = datetime(today.year, today.month, today.day, tzinfo=UTC)
    stamps = {
        "model": "ranker-0123abcd",
        "generation": f"{today - timedelta(days=1)}-0123abcd",
        "run_date": str(today - timedelta(days=1)),
        "expires_at": end + timedelta(days=7),
    }
    serving = {"segment": "active", "status": "active"}
    known = {**stamps, **(serving if view.name == "user_serving" else {})}
    return {field.name: known.get(field.name, _value(str(field.dtype), n)) for field in view.features}


def _value(kind: str, n: int) -> Any:
    """A value of a Feast type; lists are as long as lists online."""
    places = range(LIST_ITEMS)
    if kind.startswith("Array"):
        texts, numbers = [f"i{(n * 31 + p) % 100_000:05d}" for p in places], [1.0 / (n + p + 1) for p in places]
        return texts if "String" in kind else numbers if "Float" in kind else [n + p for p in places]
    return {"String": f"s{n}", "Float64": n / 7}.get(kind, n)


def _key(join_key: str, value: str) -> bytes:
    from feast.infra.key_encoding_utils import serialize_entity_key
    from feast.protos.feast.types.EntityKey_pb2 import EntityKey
    from feast.protos.feast.types.Value_pb2 import Value

    key = EntityKey(join_keys=[join_key], entity_values=[Value(string_val=value)])
    return serialize_entity_key(key, entity_key_serialization_version=3)


def _fill_sqlite(file: Path, project: str, rows: Iterator[tuple[Any, list[str], list[dict[str, bytes]]]]) -> None:
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode = wal")
    for view, keys, variants in rows:
        table = f'"{project}_{view.name}"'
        database.execute(
            f"CREATE TABLE {table} (entity_key BLOB, feature_name TEXT, value BLOB, value_text TEXT,"
            " vector_value BLOB, event_ts timestamp, created_ts timestamp, PRIMARY KEY(entity_key, feature_name))"
        )
        name = view.entity_columns[0].name
        lines = (
            (_key(name, key), feature, value)
            for n, key in enumerate(keys)
            for feature, value in variants[n % _VARIANTS].items()
        )
        database.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, NULL, NULL, 1767225600, NULL)", lines)
    database.commit()
    database.close()


def _fill_redis(address: str, project: str, rows: Iterator[tuple[Any, list[str], list[dict[str, bytes]]]]) -> None:
    from feast.infra.online_stores.helpers import _mmh3
    from google.protobuf.timestamp_pb2 import Timestamp
    from redis import Redis

    host, _, port = address.partition(":")
    client = Redis(host, int(port))
    client.flushall()
    stamp = Timestamp(seconds=1_767_225_600).SerializeToString()
    for view, keys, variants in rows:
        hashed = [
            {_mmh3(f"{view.name}:{f}"): v for f, v in row.items()} | {f"_ts:{view.name}": stamp} for row in variants
        ]
        pipe = client.pipeline(transaction=False)
        for n, key in enumerate(keys):
            pipe.hset(_key(view.entity_columns[0].name, key) + project.encode(), mapping=hashed[n % _VARIANTS])
            if n % 2000 == 1999:
                pipe.execute()
        pipe.execute()
