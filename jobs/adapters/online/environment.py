"""The environment by which Feast's own tools, and we, find an app's repo, registry and stores."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.core.config.load import project_folder
from jobs.core.config.model import Settings
from jobs.core.home import Home

if TYPE_CHECKING:
    from feast import FeatureStore


def repo_folder() -> Path:
    """The Feast repo."""
    return project_folder() / "feature_repo"


def feast_environment(settings: Settings, home: Home) -> dict[str, str]:
    """Variables that `feature_store.yaml` and the feature views expand."""
    redis = settings.online.store == "redis"
    return {
        "NIGHTJAR_FEAST_PROJECT": settings.app,
        "NIGHTJAR_FEAST_REGISTRY": settings.online.registry or str(registry_file(home)),
        "NIGHTJAR_FEAST_ONLINE": settings.online.redis if redis else str(home.online / "online.db"),
        "NIGHTJAR_FEAST_OFFLINE": str(home.offline),
        "FEAST_FS_YAML_FILE_PATH": str(repo_folder() / _yaml_name(settings)),
    }


def _yaml_name(settings: Settings) -> str:
    """Variables in a file can name addresses and not types of stores, so each choice has a file of its own."""
    if settings.online.registry:
        return "feature_store.production.yaml"
    return "feature_store.redis.yaml" if settings.online.store == "redis" else "feature_store.yaml"


def registry_file(home: Home) -> Path:
    """Feast's registry of the app, where it is a file."""
    return home.online / "registry.db"


def feature_store(settings: Settings, home: Home) -> "FeatureStore":
    """Open the store as any Feast client with that environment does."""
    from feast import FeatureStore

    # Feast expands its file from the process's environment and takes it from nowhere else.
    os.environ.update(feast_environment(settings, home))
    return FeatureStore(repo_path=str(repo_folder()))
