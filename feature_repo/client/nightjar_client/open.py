"""The reader of the store that a Feast repo names."""

from pathlib import Path
from typing import TYPE_CHECKING

from nightjar_client.reading import Reader

if TYPE_CHECKING:
    from feast import FeatureStore


def reader_of(store: "FeatureStore") -> Reader:
    """Open it beside Feast, with the same file or address.

    Raises
    ------
    ValueError
        If the store is of a type that is not read here.
    """
    online = store.config.online_store
    if online.type == "sqlite":
        from nightjar_client.sqlite_reader import SqliteReader

        return SqliteReader(Path(store.repo_path) / online.path, store.project)
    if online.type == "redis":
        from nightjar_client.redis_reader import RedisReader

        return RedisReader(online.connection_string, store.project)
    raise ValueError(f"online store is of type {online.type!r}; nightjar_client reads sqlite and redis")
