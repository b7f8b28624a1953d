"""One home in which a night is tortured: its undisturbed night, and a copy of the home before every stage."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from jobs.adapters.lake import Lake
from jobs.adapters.lake.digest import digest_files
from jobs.adapters.lake.expose import exposed_dates
from jobs.adapters.online import open_store
from jobs.adapters.online.digest import online_digest
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.datasets.tables import TABLES, table_named
from jobs.features.online import ONLINE_VIEWS
from tests.e2e.tiny_app import FIRST, LAST, write_app
from tests.servers.deployment import without_ours
from tests.torture.nights.fault import STAGES
from tests.torture.nights.leaves import leaves
from tests.torture.nights.registry import registry_of_file

APP = "tiny"
DAY = LAST
REMOVE_SECONDS = 30


@dataclass
class Lane:
    """The tiny app in a folder of its own.

    Attributes
    ----------
    root
        Its configuration, log, home and the copies of the home.
    variables
        What its commands find in their environment besides.
    seconds
        That each stage took undisturbed.
    after
        Digests of all that there was after each stage.
    leaves
        Files that there were below the home after each stage.
    """

    root: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    after: dict[str, dict[str, str]] = field(default_factory=dict)
    leaves: dict[str, Counter[str]] = field(default_factory=dict)
    _started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def home(self) -> Home:
        """Always the same place: MLflow keeps where artifacts are."""
        return Home(self.root / "home", APP)

    @property
    def environment(self) -> dict[str, str]:
        """Of its commands."""
        paths = {"NIGHTJAR_HOME": str(self.home.root), "NIGHTJAR_CONF": str(self.root / "conf")}
        return {**without_ours(), **paths, **self.variables}

    def command(self, stage: str, day: date = DAY) -> list[str]:
        """What runs a stage of a night, by default of the one that is hurt."""
        return [sys.executable, "-m", "jobs", stage, "--app", APP, "--date", str(day)]

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run to the end, whatever that is."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def start(self, command: Sequence[str], **how: Any) -> subprocess.Popen[bytes]:
        """Start in a process group of its own, so that a kill takes Java along; what it says goes to a file."""
        with (self.root / "said.log").open("ab") as said:
            started = subprocess.Popen(
                command, env=self.environment, stdout=said, stderr=said, start_new_session=True, **how
            )
        self._started.append(started)
        return started

    def end(self) -> None:
        """Kill what still runs, which would outlive a trial that is broken off."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def make(self, last: str = STAGES[-1], nights_before: int = 0) -> None:
        """Build the past and run the undisturbed night up to a stage, with a copy before each.

        Parameters
        ----------
        last
            The stage.
        nights_before
            So many nights are run whole first, so that models serve and something is online.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        conf = write_app(self.root)
        shutil.copy(Path(__file__).parents[3] / "conf" / "production.yaml", conf / "production.yaml")
        before = [DAY - timedelta(n) for n in range(nights_before, 0, -1)]
        built = min([DAY, *before]) - timedelta(1)
        span = ["--from", str(FIRST), "--to", str(built), "--tables-only"]
        self._expect([sys.executable, "-m", "jobs", "backfill", "--app", APP, *span])
        for day, stage in product(before, STAGES):
            self._expect(self.command(stage, day))
        for stage in STAGES[: STAGES.index(last) + 1]:
            self.keep(stage)
            started = time.monotonic()
            self._expect(self.command(stage))
            self.seconds[stage] = time.monotonic() - started
            self.after[stage], self.leaves[stage] = self.digests(), leaves(self.home.root)

    def keep(self, stage: str) -> None:
        """Copy what there is before a stage."""
        self._copy(self.home.root, self._copy_before(stage))

    def restore(self, stage: str) -> None:
        """All as it was before a stage."""
        _remove(self.home.root)
        self._copy(self._copy_before(stage), self.home.root)

    def digests(self) -> dict[str, str]:
        """Digests of every table of the night, from its files, and of what is online; what Feast and MLflow know."""
        lake = Lake(self.home.lake)
        found: dict[str, str] = {}
        for name in sorted(TABLES):
            manifest = lake.manifest(name, DAY)
            if manifest:
                found[name] = digest_files(table_named(name), lake.paths(manifest))[1]
        shown = [name for name in ONLINE_VIEWS if DAY in exposed_dates(self.home.offline / name)]
        return {
            **found,
            "online": self.online(),
            "shown to Feast": " ".join(sorted(shown)),
            "MLflow's registry": self.registry(),
        }

    def registry(self) -> str:
        """Versions of models, and where their aliases are."""
        return registry_of_file(self.home.mlflow / "mlflow.db")

    def online(self) -> str:
        """Digest of what is served."""
        os.environ["NIGHTJAR_CONF"], os.environ["NIGHTJAR_HOME"] = str(self.root / "conf"), str(self.home.root)
        return str(online_digest(open_store(load_settings(APP, environ=self.environment), self.home)))

    def _expect(self, command: Sequence[str]) -> None:
        done = self.run(command)
        assert done.returncode == 0, f"{command}\n{done.stderr[-3000:]}"

    def _copy_before(self, stage: str) -> Path:
        return self.root / "before" / stage

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        """Hard links within it (lake and offline) become files of their own, which no stage minds."""
        shutil.copytree(source, target, symlinks=True)


def _remove(folder: Path) -> None:
    """A Java that outlives its stage for a moment removes its own scratch files meanwhile."""
    until = time.monotonic() + REMOVE_SECONDS
    while folder.exists():
        try:
            shutil.rmtree(folder)
        except OSError:
            if time.monotonic() > until:
                raise
