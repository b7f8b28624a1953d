"""The sample app twice: its nights on real servers, started by a scheduler, and the embedded default's.

What does not wait for each other runs side by side: the past is built while servers start, and the embedded nights
run while the scheduler has its own.
"""

import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.servers.deployment import Deployment, running_deployment
from tests.servers.nightly_app import APP, INTERPRETED, NIGHTS, PAST_DAYS, NightlyApp, make_log
from tests.servers.postgres import find_postgres
from tests.servers.server import NoServerError

USERS = 200
ITEMS = 100


@pytest.fixture(scope="session", autouse=True)
def stops_servers_when_told_to_end() -> Iterator[None]:
    """SIGTERM ends Python without any `finally`; servers would go on."""
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def beside() -> Iterator[ThreadPoolExecutor]:
    """Runs one thing at a time beside the tests."""
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> NightlyApp:
    """The app on one machine without any server."""
    root = tmp_path_factory.mktemp("embedded")
    local = {
        "NIGHTJAR__SPARK__MASTER": "local[2]",
        "NIGHTJAR__SPARK__DRIVER_MEMORY": "1g",
        "NIGHTJAR__SPARK__SHUFFLE_PARTITIONS": "2",
        # The servers compile their code, to the same digests.
        "NIGHTJAR__SPARK__EXTRA": INTERPRETED,
    }
    return NightlyApp(root / "home", root / "log" / APP, local)


@pytest.fixture(scope="session")
def past(embedded: NightlyApp, beside: ThreadPoolExecutor) -> "Future[None]":
    """The app's log, and its tables up to the first night."""
    try:
        find_postgres()
    except NoServerError as missing:
        pytest.skip(str(missing))

    def make() -> None:
        make_log(embedded.log, days=PAST_DAYS + len(NIGHTS) + 1, users=USERS, items=ITEMS)
        embedded.make_past(PAST_DAYS)

    return beside.submit(make)


@pytest.fixture(scope="session")
def deployment(past: "Future[None]", tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with running_deployment(tmp_path_factory.mktemp("servers")) as running:
        yield running


@pytest.fixture(scope="session")
def on_servers(embedded: NightlyApp, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> NightlyApp:
    """The same app on servers; its home is a copy of the past."""
    return NightlyApp(tmp_path_factory.mktemp("production") / "home", embedded.log, deployment.variables)
