"""One registry, and the tiny generation in SQLite and in a Redis from its wheel."""

from dataclasses import dataclass
from typing import Any

import pytest
from plain_writer import PlainWriter
from tiny_store import NOW, publish

from jobs.adapters.online.environment import feature_store
from jobs.adapters.online.registry import apply_registry
from jobs.core.config import load_settings
from jobs.core.home import Home
from nightjar_client import Client


@dataclass
class Place:
    """A store, the writer of it and how to read it."""

    writer: PlainWriter
    feast: Any

    def client(self, **options: Any) -> Client:
        return Client.open(store=self.feast, **{"clock": lambda: NOW, **options})


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("home"), "sample")
    apply_registry(load_settings("sample"), home)
    return home


@pytest.fixture(params=["sqlite", "redis"])
def place(request: pytest.FixtureRequest, home: Home) -> Place:
    settings, server = load_settings("sample"), None
    if request.param == "redis":
        server = request.getfixturevalue("redis_server")
        online = settings.online.model_copy(update={"store": "redis", "redis": server.address})
        settings = settings.model_copy(update={"online": online})
    feast = feature_store(settings, home)
    writer = PlainWriter(feast, server.client() if server else home.online / "online.db")
    publish(writer)
    return Place(writer, feast)
