"""Runs nights and back-fills of an app, kills stages on the way, and collects what they left."""

import os
import signal
import subprocess
import sys
import time
from datetime import date

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.datasets.tables import TABLES

TABLE_STAGES = ("ingest_events", "clean_events", "build_features")


def backfill(app: str, first: date, last: date) -> None:
    """Build the tables of a range in one go."""
    assert main(["backfill", "--app", app, "--from", str(first), "--to", str(last), "--tables-only"]) == 0


def run_night(app: str, day: date, killed: str | None = None) -> None:
    """Build the tables of one night; the stage named by `killed` is killed on the way and started again."""
    for stage in TABLE_STAGES:
        if stage == killed:
            kill_between(app, stage, day)
        assert main([stage, "--app", app, "--date", str(day)]) == 0


def digests(app: str) -> dict[tuple[str, date], str]:
    """Digest of every current partition of the home in use, but for `champions`, which a back-fill leaves empty."""
    lake = Lake(Home(home_folder(), app).lake)
    names = sorted(set(TABLES) - {"champions"})
    found = {(name, day): lake.manifest(name, day) for name in names for day in lake.run_dates(name)}
    return {key: manifest.digest for key, manifest in found.items() if manifest}


def kill_between(app: str, stage: str, day: date) -> None:
    """Start a stage as a process of its own and kill it at its first sign of having written something."""
    lake = Home(home_folder(), app).lake
    before = set(lake.glob("*/data/*"))
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs", stage, "--app", app, "--date", str(day)],
        env=os.environ,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and set(lake.glob("*/data/*")) == before:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the stage ended before it could be killed"
