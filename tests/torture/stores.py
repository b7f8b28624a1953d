"""The tortured store by its place: the path of an SQLite file, or the address of a Redis server."""

from pathlib import Path

from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.adapters.online.stores import OnlineStore

PROJECT = "torture"


def open_store(place: str) -> OnlineStore:
    """Open it; a path begins with a slash."""
    return SqliteStore(Path(place), PROJECT) if place.startswith("/") else RedisStore(place, PROJECT)
