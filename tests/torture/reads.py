"""Three ways to read a user: the rows as they stand, nightjar_client, and the plain Feast SDK."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Protocol, TypeVar

from jobs.adapters.online.encode import encode_key
from jobs.adapters.online.environment import repo_folder
from tests.torture.rows import VIEWS, generation
from tests.torture.stores import PROJECT

FEATURES = {
    "recs_for_you": ("generation", "items"),
    "recs_discover": ("generation", "items"),
    "churn": ("generation", "probability"),
    "user_serving": ("generation", "segment"),
}
_PATIENCE_SECONDS = 30.0  # a server that is being started again is no failure of a reader that waits for it

Rows = Mapping[str, Mapping[str, Any]]
T = TypeVar("T")


class Reads(Protocol):
    """Reads some features of a user: view -> feature -> value; a view without a row is empty or missing."""

    def read(self, user: str) -> Rows: ...


class SqliteReads:
    """One read transaction on a connection of its own."""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self, user: str) -> Rows:
        key = encode_key("user_id", user)
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)) as database:
            database.execute("BEGIN")
            return {view: self._row(database, view, key) for view in VIEWS}

    def _row(self, database: sqlite3.Connection, view: str, key: bytes) -> dict[str, Any]:
        select = f'SELECT feature_name, value FROM "{PROJECT}_{view}" WHERE entity_key = ?'
        return {name: decoded(value) for name, value in database.execute(select, (key,)) if name in FEATURES[view]}


class RedisReads:
    """One HMGET."""

    def __init__(self, address: str) -> None:
        from redis import Redis

        host, _, port = address.partition(":")
        self._client = Redis(host, int(port))

    def read(self, user: str) -> Rows:
        from jobs.adapters.online.redis_layout import field, hash_key

        asked = [(view, name) for view in VIEWS for name in FEATURES[view]]
        fields = [field(view, name) for view, name in asked]
        values = patiently(lambda: self._client.hmget(hash_key(PROJECT, "user_id", user), fields))
        rows: dict[str, dict[str, Any]] = {view: {} for view in VIEWS}
        for (view, name), value in zip(asked, values, strict=True):
            if value is not None:
                rows[view][name] = decoded(value)
        return rows


class ClientReads:
    """`snapshot` of our client, as an app calls it."""

    def __init__(self) -> None:
        from nightjar_client import Client

        self._client = Client.open(repo_folder())

    def read(self, user: str) -> Rows:
        seen = patiently(lambda: self._client.snapshot(user))
        rows: dict[str, dict[str, Any]] = {
            f"recs_{surface}": {"generation": answer.generation, "items": list(answer.items)}
            for surface, answer in seen.lists.items()
        }
        for name, view in seen.predictions.items():
            rows[name] = {"generation": view.stamps.generation, "probability": view.columns["probability"]}
        if seen.segment is not None:
            rows["user_serving"] = {"generation": generation(int(seen.segment)).name, "segment": seen.segment}
        return rows


class SdkReads:
    """One view after the other by the plain Feast SDK, which promises one generation within each."""

    def __init__(self) -> None:
        from feast import FeatureStore

        self._store = FeatureStore(repo_path=str(repo_folder()))
        self._reads = 0

    def read(self, user: str) -> Rows:
        view = VIEWS[self._reads % len(VIEWS)]
        self._reads += 1
        asked = [f"{view}:{name}" for name in FEATURES[view]]
        answer = patiently(lambda: self._store.get_online_features(asked, [{"user_id": user}]).to_dict())
        return {view: {name: answer[name][0] for name in FEATURES[view] if answer[name][0] is not None}}


def open_reads(kind: str, place: str) -> Reads:
    """A reader of that kind: rows, client or sdk."""
    if kind == "client":
        return ClientReads()
    if kind == "sdk":
        return SdkReads()
    return SqliteReads(place) if place.startswith("/") else RedisReads(place)


def decoded(value: bytes) -> Any:
    """Text, number or list of text of a serialized value."""
    from feast.protos.feast.types.Value_pb2 import Value

    message = Value.FromString(value)
    kind = message.WhichOneof("val")
    held = getattr(message, kind)
    return list(held.val) if kind.endswith("list_val") else held


def patiently(read: Callable[[], T]) -> T:
    """Ask again while the server is being started again."""
    from redis.exceptions import BusyLoadingError, ConnectionError

    from nightjar_client import StoreUnreachableError

    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return read()
        except (ConnectionError, BusyLoadingError, StoreUnreachableError):
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
