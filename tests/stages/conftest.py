"""One home for all tests of the online stages: `feast apply` takes seconds, so it is done once."""

import shutil
from pathlib import Path

import pytest
from small_app import App


@pytest.fixture(scope="session")
def applied_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("applied")


@pytest.fixture
def app(applied_root: Path) -> App:
    """A small app without any data; the registry of earlier tests stays."""
    app = App(applied_root)
    shutil.rmtree(app.home.lake, ignore_errors=True)
    shutil.rmtree(app.home.offline, ignore_errors=True)
    for file in app.home.online.glob("online.db*"):
        file.unlink()
    return app
