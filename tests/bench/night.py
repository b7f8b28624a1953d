"""Our side of the bench: an app of its own, its night as whole processes, and what the night counted."""

import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.config.load import project_folder
from jobs.core.home import Home
from jobs.core.schemas import LEDGER
from jobs.sample.folders import Folders
from tests.bench.processes import Measured, measure

APP = "bench"
STAGES = ("ingest_events", "clean_events", "build_features")


@dataclass(frozen=True)
class BenchApp:
    """The sample app on another log, in a folder of its own.

    Attributes
    ----------
    root
        Holds its configuration, its home and its log of errors.
    source
        Folder of the log.
    form
        `parquet` or `jsonlines`.
    first_day
        The app's first day.
    overrides
        Further sections of the app's file.
    variables
        What else its commands find in their environment.
    """

    root: Path
    source: Path
    form: str
    first_day: date
    overrides: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        paths = {"NIGHTJAR_HOME": str(self.root / "home"), "NIGHTJAR_CONF": str(self.root / "conf")}
        return {**os.environ, **paths, **self.variables}

    @property
    def home(self) -> Home:
        return Home(self.root / "home", APP)

    @property
    def lake(self) -> Lake:
        return Lake(self.home.lake)

    def make(self) -> None:
        """Start anew: an empty home, and the app's file."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(project_folder() / "conf", self.root / "conf")
        file = self.root / "conf" / "apps" / "sample.yaml"
        told = yaml.safe_load(file.read_text())
        told |= {"app": APP, "schedule": {**told["schedule"], "first_day": self.first_day}, "logs": {}}
        told["log"] = {**_events_log(), "path": str(self.source.resolve()), "format": self.form}
        told["log"]["extension"] = {"parquet": "parquet", "jsonlines": "jsonl"}[self.form]
        told |= self.overrides
        file.with_name(f"{APP}.yaml").write_text(yaml.safe_dump(told, sort_keys=False))

    def run(self, *arguments: str, beside: Sequence[int] = ()) -> Measured:
        """One `nightjar` command of this app; see `measure`."""
        command = [sys.executable, "-m", "jobs", arguments[0], "--app", APP, *arguments[1:]]
        return measure(command, self.environment, self.root / "stderr.log", beside)

    def run_night(self, day: date, *flags: str) -> dict[str, Measured]:
        """The stages of the event foundation, one process each."""
        return {stage: self.run(stage, "--date", str(day), *flags) for stage in STAGES}

    def rows(self, table: str, day: date) -> int:
        """Rows of a partition."""
        return self.lake.require(table, day, "bench").rows

    def ledger(self, day: date) -> dict[str, int]:
        """Rows by place and reason."""
        found = read_pandas(self.lake, LEDGER, self.lake.require(LEDGER.name, day, "bench"))
        named = (found["place"] + " " + found["reason"]).str.strip()
        return {str(name): int(rows) for name, rows in sorted(zip(named, found["n_rows"], strict=True))}

    def digests(self, day: date) -> dict[str, str]:
        """Digest of every table of a date."""
        tables = sorted(path.name for path in self.lake.root.iterdir() if path.is_dir())
        found = {name: self.lake.manifest(name, day) for name in tables}
        return {name: manifest.digest for name, manifest in found.items() if manifest}


def profile_logs(folders: Folders) -> dict[str, Any]:
    """The sample's further logs, from where this sample stands: the section `logs`."""
    told = {"items": folders.items, "users": folders.users}
    settings = load_settings("sample")
    return {
        name: {**settings.logs[name].model_dump(mode="json", exclude_unset=True), "path": str(folder.resolve())}
        for name, folder in told.items()
    }


def _events_log() -> dict[str, Any]:
    """The sample's log of events, as an app's file says it."""
    log = next(log for log in load_settings("sample").sources.values() if log.kind == "events")
    told: dict[str, Any] = json.loads(log.model_dump_json())
    return told


def seconds(night: Mapping[str, Measured]) -> float:
    """Of all stages."""
    return sum(stage.seconds for stage in night.values())


def peak_gib(night: Mapping[str, Measured]) -> float:
    """Of the largest stage."""
    return max(stage.peak_gib for stage in night.values())
