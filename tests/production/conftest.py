"""The sample app twice: its nights on real servers, started by a scheduler, and the embedded default's."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.deployment import Deployment, running_deployment
from tests.servers.nightly_app import APP, NIGHTS, PAST_DAYS, NightlyApp, make_log
from tests.servers.postgres import NoServerError


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    try:
        with running_deployment(tmp_path_factory.mktemp("servers")) as running:
            yield running
    except NoServerError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> NightlyApp:
    """The app on one machine without any server, with its past."""
    root = tmp_path_factory.mktemp("embedded")
    log = root / "log" / APP
    make_log(log, days=PAST_DAYS + len(NIGHTS) + 1, users=400, items=120)
    local = {"NIGHTJAR__SPARK__MASTER": "local[2]", "NIGHTJAR__SPARK__DRIVER_MEMORY": "1g"}
    app = NightlyApp(root / "home", log, local)
    app.make_past(PAST_DAYS)
    return app


@pytest.fixture(scope="session")
def on_servers(embedded: NightlyApp, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> NightlyApp:
    """The same app and past on servers."""
    home: Path = tmp_path_factory.mktemp("production") / "home"
    shutil.copytree(embedded.home, home)
    return NightlyApp(home, embedded.log, deployment.variables)
