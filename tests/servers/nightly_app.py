"""The sample app cut down to a past of days, on which models still train."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.run_log import RunLog
from jobs.core.home import Home
from jobs.datasets.tables import TABLES
from tests.servers.deployment import without_ours

APP = "sample"
DAG = f"nightly_{APP}"
FIRST = date(2025, 1, 1)
PAST_DAYS = 12
# One is what CI has time for; `make test-production NIGHTS=3` adds those of a back-fill.
N_NIGHTS = int(os.environ.get("NIGHTJAR_NIGHTS") or 1)
NIGHTS = tuple(FIRST + timedelta(PAST_DAYS + number) for number in range(N_NIGHTS))

# Of Spark: rows of so small days are done before code for them would be compiled.
NO_CODE = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
INTERPRETED = json.dumps(NO_CODE)

# Two horizons, the cuts of training and the lateness have to fit into the past.
SMALL = {
    "NIGHTJAR__CHURN__HORIZON_DAYS": "3",
    "NIGHTJAR__CHURN__CUT_STEP_DAYS": "2",
    "NIGHTJAR__CHURN__CUTS": "2",
    "NIGHTJAR__CHURN__MIN_USERS": "20",
    # Three hundred rows for three dozen columns: with the usual pull a constant is nearer than the regression.
    "NIGHTJAR__PREDICTIONS__RIDGE": "0.1",
    "NIGHTJAR__PROFILES__MIN_USERS": "20",
    "NIGHTJAR__RECOMMENDER__HORIZON_DAYS": "4",
    "NIGHTJAR__RECOMMENDER__RANKER__MIN_USERS": "20",
    "NIGHTJAR__RECOMMENDER__GATE__N_DRAWS": "200",
    "NIGHTJAR__LISTS__LAKE_ITEMS": "20",
}


@dataclass(frozen=True)
class NightlyApp:
    """The sample app in one home.

    Attributes
    ----------
    home
        ``NIGHTJAR_HOME``.
    log
        Folder of its log; homes may share one.
    variables
        What else its commands find in their environment.
    """

    home: Path
    log: Path
    variables: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        """Of its commands."""
        paths = {"NIGHTJAR__LOG__PATH": str(self.log)}
        for name in ("items", "users"):
            paths[f"NIGHTJAR__LOGS__{name.upper()}__PATH"] = str(self.log.with_name(f"{self.log.name}-{name}"))
        return {**without_ours(), **SMALL, **paths, "NIGHTJAR_HOME": str(self.home), **self.variables}

    def run(self, command: str, *arguments: str) -> str:
        """One `nightjar` command of the app; returns what it prints."""
        return self._python("jobs", command, "--app", APP, *arguments)

    def tried(
        self, command: str, *arguments: str, variables: Mapping[str, str]
    ) -> "subprocess.CompletedProcess[str]":
        """One command of the app under more variables, however it ends."""
        words = [sys.executable, "-m", "jobs", command, "--app", APP, *arguments]
        environment = {**self.environment, **variables}
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    def run_nights(self, days: Sequence[date]) -> None:
        """Whole nights, one after the other, in one process and without a scheduler."""
        self._python("tests.servers.nights", APP, *map(str, days))

    def make_past(self, days: int) -> None:
        """Tables of the first days, in one go and without models."""
        last = FIRST + timedelta(days - 1)
        self.run("backfill", "--from", str(FIRST), "--to", str(last), "--tables-only")

    def digests(self, day: date) -> dict[str, str]:
        """Digest of every table of a date, and of what is online."""
        lines = [line.split() for line in self.run("digest", "--date", str(day)).splitlines()]
        return {line[0]: line[-1] for line in lines}

    def tables(self, day: date) -> dict[str, str]:
        """Digest of every table of a date, as its manifest says it."""
        return {name: manifest.digest for name, manifest in self._manifests(day).items()}

    def filled_tables(self, day: date) -> set[str]:
        """Tables of a date that have rows."""
        return {name for name, manifest in self._manifests(day).items() if manifest.rows}

    def stage_ends(self, stage: str, day: date) -> list[str]:
        """How the runs of a stage ended, oldest first."""
        told = RunLog(Home(self.home, APP).app_folder / "runs", day).read()
        return [line["state"] for line in told if line["stage"] == stage]

    def _manifests(self, day: date) -> dict[str, Manifest]:
        lake = Lake(Home(self.home, APP).lake)
        found = {name: lake.manifest(name, day) for name in TABLES}
        return {name: manifest for name, manifest in found.items() if manifest}

    def _python(self, module: str, *arguments: str) -> str:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}\n{done.stdout[-1000:]}\n{done.stderr[-4000:]}"
        return done.stdout


def make_log(folder: Path, days: int, users: int, items: int) -> None:
    """Write the sample's log of so many days."""
    flags = ("--days", str(days), "--users", str(users), "--items", str(items), "--out", str(folder))
    command = [sys.executable, "-m", "jobs", "sample", *flags]
    subprocess.run(command, env=without_ours(), check=True, capture_output=True)


def midnight(day: date) -> str:
    """The midnight that begins a day, as Airflow's command line takes it."""
    return f"{day}T00:00+00:00"
