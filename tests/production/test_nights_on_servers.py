"""Nights by a real scheduler on PostgreSQL, Redis, MLflow and a Spark cluster, beside the embedded default's.

One night as it is; `make test-production NIGHTS=3` adds a back-fill of two and an older date.
"""

import json
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from jobs.stages.catalog import STAGES
from tests.dags.airflow_server import AirflowServer, wait_until
from tests.dags.dag_folders import DAGS
from tests.dags.hook_server import HookServer
from tests.production.written import places_that_hold
from tests.servers.deployment import Deployment
from tests.servers.nightly_app import APP, DAG, NIGHTS, NightlyApp, midnight

pytestmark = pytest.mark.production
several = pytest.mark.skipif(len(NIGHTS) < 3, reason="one night was asked for: make test-production NIGHTS=3")

WRONG_PASSWORD = "wr0ng-but-still-secret"
ONE_RUNS = "There can be only one running backfill per Dag"
NIGHT_SECONDS = 1800  # on a machine that does much else

# Parts that wait cost as little as they can: each second of theirs is one of the stages.
IDLE = {
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "5",
    "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
}


@pytest.fixture(scope="module")
def hook() -> Iterator[HookServer]:
    with HookServer().started() as server:
        yield server


@pytest.fixture(scope="module")
def airflow(
    past: "Future[None]",
    on_servers: NightlyApp,
    deployment: Deployment,
    hook: HookServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[AirflowServer]:
    home = tmp_path_factory.mktemp("airflow")
    ours = {name: value for name, value in on_servers.environment.items() if name.startswith("NIGHTJAR")}
    variables = {**ours, **deployment.variables}
    # As its own Python, since no PATH need have our commands.
    variables["NIGHTJAR_COMMAND"] = f"{sys.executable} -m jobs"
    # The night of the real yesterday, for which there is no log, would fail first and hold ours back meanwhile.
    variables["AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE"] = "False"
    variables |= IDLE
    # Late as soon as it is queued; the connection's password ends the address.
    variables |= {"NIGHTJAR__SCHEDULE__ALERT_AFTER_MINUTES": "0", "NIGHTJAR__SCHEDULE__ALERT_WEBHOOK": "night_hook"}
    told = {"conn_type": "http", "host": hook.address, "password": deployment.secrets["hook"]}
    variables["AIRFLOW_CONN_NIGHT_HOOK"] = json.dumps(told)
    with AirflowServer(home, DAGS, variables, deployment.postgres.url("airflow")).started() as running:
        past.result()
        running.run(["dags", "unpause", DAG])
        yield running


@pytest.fixture(scope="module")
def embedded_nights(
    past: "Future[None]", embedded: NightlyApp, on_servers: NightlyApp, beside: ThreadPoolExecutor
) -> "Future[None]":
    """Its nights, begun when the servers' home has its copy of the past."""
    past.result()
    shutil.copytree(embedded.home, on_servers.home)
    return beside.submit(embedded.run_nights, NIGHTS)


def wait_for(airflow: AirflowServer, kind: str, count: int) -> None:
    """Wait until so many runs of a kind are green; fail at the first red one."""

    def are_green() -> bool:
        states = [state for run_id, state in airflow.runs(DAG).items() if run_id.startswith(kind)]
        assert "failed" not in states, airflow.runs(DAG)
        return states.count("success") >= count

    wait_until(are_green, seconds=NIGHT_SECONDS * count, what=f"{count} {kind} runs to end", every=3)


def back_fill(airflow: AirflowServer, first: date, last: date) -> None:
    """Create a back-fill; Airflow takes no other before it has noticed, half a minute later, that one is over."""
    command = ["backfill", "create", "--dag-id", DAG, "--from-date", midnight(first), "--to-date", midnight(last)]
    wait_until(lambda: airflow.tries(command, unless=ONE_RUNS), seconds=300, what="the back-fill before", every=10)


def test_a_night_that_is_triggered(
    airflow: AirflowServer, embedded_nights: "Future[None]", on_servers: NightlyApp
) -> None:
    airflow.run(["dags", "trigger", DAG, "--conf", json.dumps({"run_date": str(NIGHTS[0])})])
    wait_for(airflow, "manual", 1)
    assert on_servers.stage_ends("publish", NIGHTS[0]) == ["published"]


@several
def test_nights_of_a_back_fill_run_in_order(airflow: AirflowServer, on_servers: NightlyApp) -> None:
    back_fill(airflow, NIGHTS[1], NIGHTS[-1])
    wait_for(airflow, "backfill", len(NIGHTS) - 1)
    for night in NIGHTS[1:]:
        assert on_servers.stage_ends("publish", night) == ["published"]


@several
def test_an_older_date_is_skipped_and_green(airflow: AirflowServer, on_servers: NightlyApp) -> None:
    before = on_servers.digests(NIGHTS[-1])
    back_fill(airflow, NIGHTS[0], NIGHTS[0])
    wait_for(airflow, "backfill", len(NIGHTS))
    assert on_servers.stage_ends("publish", NIGHTS[0]) == ["published", "skipped"]
    assert on_servers.stage_ends("build_features", NIGHTS[0]) == ["done", "unchanged"]
    assert on_servers.digests(NIGHTS[-1]) == before


def test_they_equal_those_of_the_embedded_default(
    airflow: AirflowServer, embedded_nights: "Future[None]", on_servers: NightlyApp, embedded: NightlyApp
) -> None:
    embedded_nights.result()
    for night in NIGHTS:
        assert on_servers.tables(night) == embedded.tables(night)
    # Those of the tables again, and of what is online.
    assert on_servers.digests(NIGHTS[-1]) == embedded.digests(NIGHTS[-1])


def test_models_were_trained(airflow: AirflowServer, on_servers: NightlyApp) -> None:
    training = [stage for stage in STAGES.values() if "tracking" in stage.settings]
    tables = {table for stage in training for table in stage.writes}
    assert {"champions", "recommendations"} | tables <= on_servers.filled_tables(NIGHTS[-1])


def test_a_late_night_alerts(airflow: AirflowServer, hook: HookServer, deployment: Deployment) -> None:
    wait_until(lambda: bool(hook.posts), seconds=NIGHT_SECONDS, what="the alert of a late night")
    path, facts = hook.posts[0]
    assert path == f"/{deployment.secrets['hook']}"
    assert (facts["app"], facts["run_date"]) == (APP, str(NIGHTS[0]))


def test_a_stage_that_is_refused_by_a_server_tells_no_password(
    airflow: AirflowServer, on_servers: NightlyApp, deployment: Deployment
) -> None:
    address = on_servers.environment["NIGHTJAR__ONLINE__REDIS"].partition(",")[0]
    wrong = {"NIGHTJAR__ONLINE__REDIS": f"{address},password={WRONG_PASSWORD}"}
    done = on_servers.tried("digest", "--date", str(NIGHTS[0]), variables=wrong)
    assert done.returncode == 10
    assert "online.redis" in done.stderr
    told = done.stdout + done.stderr
    assert [name for name, secret in deployment.secrets.items() if secret in told] == []
    assert WRONG_PASSWORD not in told


@pytest.mark.parametrize("name", ["PostgreSQL", "Redis", "hash key", "MLflow", "artifacts", "hook"])
def test_nothing_that_was_written_holds_a_secret(
    name: str, airflow: AirflowServer, on_servers: NightlyApp, deployment: Deployment
) -> None:
    """Tables, models, runs, pages, logs of tasks, servers and workers; XComs, task instances, the registry."""
    roots = (on_servers.home, airflow.home, deployment.root)
    assert places_that_hold(deployment.secrets[name], roots, deployment.postgres) == []


def test_what_is_looked_through_for_secrets_is_all_there(
    airflow: AirflowServer, on_servers: NightlyApp, deployment: Deployment
) -> None:
    """The night's date is found where a secret would be: in logs of tasks, in runs, and in rows of all databases."""
    roots = (on_servers.home, airflow.home, deployment.root)
    found = places_that_hold(str(NIGHTS[0]), roots, deployment.postgres)
    assert any("task_id=train_recommender" in place for place in found)
    assert {"airflow.dag_run", "mlflow.tags"} <= set(found)
    assert any(Path(place).is_relative_to(deployment.root / "mlflow") for place in found)
    assert any(place.startswith("feast.") for place in places_that_hold(APP, (), deployment.postgres))
