"""The tortured store by its place: the path of an SQLite file, or the address of a Redis server."""

from pathlib import Path

from jobs.adapters.online.environment import feast_environment
from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.registry import apply_registry
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.adapters.online.stores import OnlineStore
from jobs.core.config import load_settings
from jobs.core.home import Home

PROJECT = "sample"  # an app's, so that Feast and its clients read the store as they read that app's


def home_of(folder: Path) -> Home:
    """Where the app's registry and locks are."""
    return Home(folder, PROJECT)


def open_store(place: str) -> OnlineStore:
    """Open it; a path begins with a slash."""
    return SqliteStore(Path(place), PROJECT) if place.startswith("/") else RedisStore(place, PROJECT)


def empty(place: str) -> None:
    """Let it lose all that it holds."""
    if place.startswith("/"):
        for file in Path(place).parent.glob(f"{Path(place).name}*"):
            file.unlink()
        return
    from redis import Redis

    host, _, port = place.partition(":")
    Redis(host, int(port)).flushall()


def register(place: str, folder: Path) -> dict[str, str]:
    """Write Feast's registry of all views; returns the environment in which Feast finds it and the store."""
    settings, home = load_settings(PROJECT), home_of(folder)
    changed = {"store": "sqlite" if place.startswith("/") else "redis", "redis": place}
    settings = settings.model_copy(update={"online": settings.online.model_copy(update=changed)})
    apply_registry(settings, home)
    return {**feast_environment(settings, home), "NIGHTJAR_FEAST_ONLINE": place}
