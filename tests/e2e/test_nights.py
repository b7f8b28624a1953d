"""Nights one by one and a back-fill end in the same digests, also when nights are killed on the way."""

import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest
from tiny_app import CLOSED, FIRST, LAST, write_app

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.datasets.tables import TABLES

pytestmark = pytest.mark.slow

TABLE_STAGES = ("ingest_events", "clean_events", "build_features")
# The nights that are run one by one: an open day on which the seven-day windows first lose rows, a closed
# one, and an open one.
NIGHTS = tuple(LAST - timedelta(days) for days in (2, 1, 0))


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NIGHTJAR_CONF", str(write_app(tmp_path)))
    return tmp_path


def use_home(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("NIGHTJAR_HOME", str(folder))


def backfill(first: date, last: date) -> None:
    assert main(["backfill", "--app", "tiny", "--from", str(first), "--to", str(last), "--tables-only"]) == 0


def digests() -> dict[tuple[str, date], str]:
    """Digest of every current partition of the home in use."""
    lake = Lake(Home(home_folder(), "tiny").lake)
    found = {(name, day): lake.manifest(name, day) for name in TABLES for day in lake.run_dates(name)}
    return {key: manifest.digest for key, manifest in found.items() if manifest}


def kill_between(stage: str, day: date) -> None:
    """Start a stage as a process of its own and kill it at its first sign of having written something."""
    lake = Home(home_folder(), "tiny").lake
    before = set(lake.glob("*/data/*"))
    process = subprocess.Popen(
        [sys.executable, "-m", "jobs", stage, "--app", "tiny", "--date", str(day)],
        env=os.environ,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and set(lake.glob("*/data/*")) == before:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "the stage ended before it could be killed"


def test_nights_killed_on_the_way_equal_one_backfill(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, spark: object
) -> None:
    use_home(monkeypatch, tiny / "nights")
    backfill(FIRST, NIGHTS[0] - timedelta(1))
    for day, killed in zip(NIGHTS, TABLE_STAGES, strict=True):
        for stage in TABLE_STAGES:
            if stage == killed:
                kill_between(stage, day)
            assert main([stage, "--app", "tiny", "--date", str(day)]) == 0
    one_by_one = digests()

    use_home(monkeypatch, tiny / "backfill")
    backfill(FIRST, LAST)
    in_one_go = digests()

    assert CLOSED in {day for _, day in one_by_one}
    in_one_go = {key: digest for key, digest in in_one_go.items() if key[0] != "champions"}
    one_by_one = {key: digest for key, digest in one_by_one.items() if key[0] != "champions"}
    assert one_by_one == in_one_go


def test_a_second_run_is_unchanged_and_later_events_change_nothing(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, spark: object, caplog: pytest.LogCaptureFixture
) -> None:
    use_home(monkeypatch, tiny / "home")
    backfill(FIRST, FIRST + timedelta(2))
    first_run = digests()
    tomorrow = tiny / "log" / f"{FIRST + timedelta(3)}.jsonl"
    tomorrow.write_text(tomorrow.read_text(encoding="utf-8") * 2, encoding="utf-8")
    caplog.clear()
    caplog.set_level("INFO", logger="nightjar")

    backfill(FIRST, FIRST + timedelta(2))

    ended = [record.getMessage() for record in caplog.records if " in " in record.getMessage()]
    assert len(ended) == len(TABLE_STAGES)
    assert all("unchanged" in message for message in ended)
    assert digests() == first_run


def test_state_of_other_settings_is_refused(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, spark: object, caplog: pytest.LogCaptureFixture
) -> None:
    use_home(monkeypatch, tiny / "home")
    day = FIRST + timedelta(1)
    assert main(["build_features", "--app", "tiny", "--date", str(day)]) == 5
    assert "clean_events" in caplog.text
    backfill(FIRST, FIRST)
    for stage in TABLE_STAGES[:2]:
        assert main([stage, "--app", "tiny", "--date", str(day)]) == 0
    monkeypatch.setenv("NIGHTJAR__FEATURES__USER_HALF_LIFE_DAYS", "3")

    assert main(["build_features", "--app", "tiny", "--date", str(day)]) == 6

    assert "nightjar backfill --app tiny --from 2025-03-03 --to 2025-03-03" in caplog.text
    assert ("user_state", day) not in digests()
