"""A real Airflow for tests: scheduler, DAG processor and API server, on a free port."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

# One process runs several command lines: importing Airflow costs more than most of them.
COMMAND_LINES = """
import json, sys
from airflow.cli.cli_parser import get_parser
for words in json.loads(sys.argv[1]):
    arguments = get_parser().parse_args(words)
    arguments.func(arguments)
"""


class AirflowServer:
    """One Airflow in a folder of its own.

    Parameters
    ----------
    home
        Empty folder; database, logs and settings go there.
    dags
        Folder with the DAG files.
    variables
        Environment variables for the DAG files and the tasks.
    database
        SQLAlchemy URL of the metadata database; by default SQLite in `home`.
    """

    def __init__(self, home: Path, dags: Path, variables: dict[str, str], database: str = "") -> None:
        self.home = home
        self.database = database or f"sqlite:///{home}/airflow.db?timeout=60"
        self.port = _free_port()
        self.environment = {**_clean_environment(), **self._settings(dags), **variables}

    def run(self, *command_lines: list[str]) -> str:
        """Run `airflow` command lines one after another and return what they print."""
        result = self._python("-c", COMMAND_LINES, json.dumps(command_lines))
        assert result.returncode == 0, f"{command_lines}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def fails(self, command_line: list[str], variables: dict[str, str]) -> str:
        """Run an `airflow` command line that has to fail, under more variables; return all that it prints."""
        result = self._python("-m", "airflow", *command_line, variables=variables)
        assert result.returncode != 0, f"{command_line} did not fail\n{result.stdout}"
        return result.stdout + result.stderr

    def run_state(self, dag_id: str, run_id: str) -> str:
        """State of a run."""
        token = self._get("/auth/token")["access_token"]
        return str(self._get(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", token)["state"])

    def runs(self, dag_id: str) -> dict[str, str]:
        """State of every run of a DAG, by its id."""
        token = self._get("/auth/token")["access_token"]
        found = self._get(f"/api/v2/dags/{dag_id}/dagRuns?limit=100", token)["dag_runs"]
        return {run["dag_run_id"]: run["state"] for run in found}

    @contextmanager
    def started(self) -> Iterator["AirflowServer"]:
        """Start all parts, wait until the API answers, and stop them at the end."""
        self.run(["db", "migrate"], ["pools", "set", "nightjar", "8", "as schedule.pool names it"])
        with ExitStack() as stack:
            for part in ("api-server", "dag-processor", "scheduler"):
                stack.enter_context(self._part(part))
            # A task that is queued before the API server answers fails.
            wait_until(self._healthy, seconds=90, what=f"Airflow in {self.home} to be healthy")
            yield self

    def _settings(self, dags: Path) -> dict[str, str]:
        api = f"http://127.0.0.1:{self.port}"
        return {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "8",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database,
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": api,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(16),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        }

    def _python(self, *words: str, variables: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **(variables or {})}
        return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, check=False)

    def _get(self, path: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    @contextmanager
    def _part(self, name: str) -> Iterator[None]:
        with (self.home / f"{name}.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "airflow", name],
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield
            finally:
                _stop(process)

    def _healthy(self) -> bool:
        try:
            health = self._get("/api/v2/monitor/health")
        except (urllib.error.URLError, ConnectionError):
            return False
        parts = ("metadatabase", "scheduler", "dag_processor")
        return all(health[part]["status"] == "healthy" for part in parts)


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until `ready` says so; fail after so many seconds."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean_environment() -> dict[str, str]:
    """This process's environment without what would point Airflow or the pipeline elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NIGHTJAR"))}


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a part with all that it started: it leads a process group of its own."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(timeout=10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
