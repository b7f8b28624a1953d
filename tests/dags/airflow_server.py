"""A real Airflow for tests: scheduler, DAG processor and API server, on a free port."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.server import HOST, Server, free_port

PARTS = ("api-server", "dag-processor", "scheduler")

START_SECONDS = 900  # of a machine that does much else; a part that has ended is noticed at once
TOLD = 6000  # characters of each of the two outputs of what failed: a log of CI is cut off sooner than at all of them

# One process runs several command lines: importing Airflow costs more than most of them.
COMMAND_LINES = """
import json, sys
from airflow.cli.cli_parser import get_parser
for words in json.loads(sys.argv[1]):
    print("airflow", *words, file=sys.stderr, flush=True)
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
        SQLAlchemy URL of the metadata database; by default SQLite in `home`. See airflow_database.py.
    slots
        Of the pool that all stages share.
    """

    def __init__(self, home: Path, dags: Path, variables: dict[str, str], database: str = "", slots: int = 8) -> None:
        self.home = home
        self.slots = slots
        self.database = database or f"sqlite:///{home}/airflow.db?timeout=60"
        self.port = free_port()
        self.environment = {**_clean_environment(), **self._settings(dags), **variables}
        self.parts = [self._part(name) for name in PARTS]

    def run(self, *command_lines: list[str]) -> str:
        """Run `airflow` command lines one after another and return what they print."""
        result = self._python("-c", COMMAND_LINES, json.dumps(command_lines))
        told = f"it printed:\n{result.stdout[-TOLD:]}\nand said:\n{result.stderr[-TOLD:]}"
        assert result.returncode == 0, f"exit code {result.returncode} of the last line that it names; {told}"
        return result.stdout

    def tries(self, command_line: list[str], unless: str) -> bool:
        """Run an `airflow` command line; whether it was done, and not refused in the words of `unless`."""
        result = self._python("-c", COMMAND_LINES, json.dumps([command_line]))
        told = result.stdout + result.stderr
        assert result.returncode == 0 or unless in told, f"{command_line}\n{told}"
        return result.returncode == 0

    def prepare(self, *more: list[str]) -> None:
        """Make the database and the pool, which is all that `dags test` needs; then run more command lines."""
        pool = ["pools", "set", "nightjar", str(self.slots), "as schedule.pool names it"]
        self.run(["db", "migrate"], pool, *more)

    def fails(self, command_line: list[str], variables: dict[str, str]) -> str:
        """Run an `airflow` command line that has to fail, under more variables; return all that it prints."""
        result = self._python("-m", "airflow", *command_line, variables=variables)
        assert result.returncode != 0, f"{command_line} did not fail\n{result.stdout}"
        return result.stdout + result.stderr

    def run_state(self, dag_id: str, run_id: str) -> str:
        """State of a run."""
        return str(self._asked(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")["state"])

    def runs(self, dag_id: str) -> dict[str, str]:
        """State of every run of a DAG, by its id."""
        found = self._asked(f"/api/v2/dags/{dag_id}/dagRuns?limit=100")["dag_runs"]
        return {run["dag_run_id"]: run["state"] for run in found}

    def tasks(self, dag_id: str, run_id: str) -> dict[str, dict[str, Any]]:
        """Instances of the tasks of a run, by their id: `state`, `start_date`, `end_date`, and so on."""
        found = self._asked(f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances?limit=100")["task_instances"]
        return {task["task_id"]: task for task in found}

    @contextmanager
    def started(self) -> Iterator["AirflowServer"]:
        """Start all parts, wait until the API answers, and stop them at the end.

        Raises
        ------
        TimeoutError
            If a part has ended, or does not say that it is well in time; with the end of its log.
        """
        # All DAGs are known before anybody asks for one: the DAG processor is well before it has read the first file,
        # and `dags test` writes what it reads as well.
        self.prepare(["dags", "reserialize"])
        try:
            for part in self.parts:
                part.start()
            # A task that is queued before the API server answers fails.
            wait_until(self._healthy, seconds=START_SECONDS, what=f"Airflow in {self.home} to be healthy")
            yield self
        finally:
            for part in reversed(self.parts):
                part.stop()

    def _settings(self, dags: Path) -> dict[str, str]:
        api = f"http://{HOST}:{self.port}"
        return {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            # Seconds, for a busy machine: the DAGs of a file that takes longer are gone until it is read again.
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "300",
            "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "600",
            "AIRFLOW__CORE__PARALLELISM": "8",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{api}/execution/",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database,
            "AIRFLOW__API__HOST": HOST,
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

    def _asked(self, path: str) -> Any:
        return self._get(path, self._get("/auth/token")["access_token"])

    def _get(self, path: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(f"http://{HOST}:{self.port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def _part(self, name: str) -> Server:
        command = [sys.executable, "-m", "airflow", name]
        return Server(name, command, self.home, lambda _: True, self.environment)

    def _healthy(self) -> bool:
        for part in self.parts:
            if part.has_ended:
                raise TimeoutError(f"Airflow's {part.name} has ended; its log ends:\n{part.said()[-3000:]}")
        try:
            health = self._get("/api/v2/monitor/health")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False
        parts = ("metadatabase", "scheduler", "dag_processor")
        return all(health[part]["status"] == "healthy" for part in parts)


def wait_until(ready: Callable[[], bool], *, seconds: float, what: str, every: float = 0.5) -> None:
    """Wait until `ready` says so, asking it every so many seconds; fail after so many."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(every)


def _clean_environment() -> dict[str, str]:
    """This process's environment without what would point Airflow or the pipeline elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "NIGHTJAR"))}
