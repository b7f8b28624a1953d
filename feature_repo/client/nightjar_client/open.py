"""A Feast repo opened for reading, and the reader of the store that it names."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nightjar_client.reading import Reader

if TYPE_CHECKING:
    from feast import FeatureStore


def open_repo(repo: str | Path | None) -> "FeatureStore":
    """Open a repo as Feast does, but for the offline store: its library is no app's business, and may be absent.

    Parameters
    ----------
    repo
        Folder of `feature_store.yaml`, the working folder by default; FEAST_FS_YAML_FILE_PATH names another file.
    """
    import yaml
    from feast import FeatureStore, RepoConfig
    from feast.utils import get_default_yaml_file_path

    folder = Path(repo) if repo else Path.cwd()
    told = yaml.safe_load(os.path.expandvars(get_default_yaml_file_path(folder).read_text(encoding="utf-8")))
    config = RepoConfig(**{name: value for name, value in told.items() if name != "offline_store"})
    config.repo_path = folder
    return FeatureStore(repo_path=str(folder), config=config)


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
