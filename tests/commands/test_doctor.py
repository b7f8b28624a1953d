import io
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from private_files import files_that_hold
from rich.console import Console

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import empty_pandas
from jobs.adapters.lake.put import put_partition
from jobs.adapters.run_log import RunLog
from jobs.adapters.running import noted_as_running, running_stages
from jobs.commands.checkup.finding import Finding
from jobs.commands.checkup.logs import look_at_logs
from jobs.commands.checkup.stuck import look_for_stuck_runs
from jobs.commands.doctor import look_at_app
from jobs.commands.doctor_page import print_findings
from jobs.core.config import known_apps, load_settings
from jobs.core.home import Home
from jobs.core.schemas import RAW_EVENTS

SECRET = "pl4nted-s3cret"
DAY = date(2025, 3, 1)
SETTINGS = load_settings("sample")
ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_command(home: Path, *words: str, **variables: str) -> tuple[int, str]:
    environment = {**os.environ, "NIGHTJAR_HOME": str(home), "COLUMNS": "200", **variables}
    done = subprocess.run(
        [sys.executable, "-m", "jobs", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("day_from", "state", "told"), [("event_time", "ok", "one file"), ("path", "wrong", "one of a file a day")]
)
def test_a_log_of_one_file_is_readable_without_being_executable(
    tmp_path: Path, day_from: str, state: str, told: str
) -> None:
    log = tmp_path / "events.csv"
    log.write_text("timestamp,visitorid\n", encoding="utf-8")
    log.chmod(0o640)
    settings = load_settings("online_retail", overrides={"log.path": str(log), "log.day_from": day_from})
    [found] = look_at_logs(settings, Home(tmp_path, "online_retail"))
    assert found.state == state
    assert told in found.told


@pytest.mark.parametrize("app", known_apps())
def test_an_app_without_a_night_and_without_files_is_no_fault(home: Path, app: str) -> None:
    settings, own = load_settings(app), Home(home, app)
    found = look_at_app(settings, own, datetime.now(UTC))
    assert {one.state for one in found if one.subject.startswith("log ")} == {"note"}
    assert [one for one in found if one.state == "wrong"] == []

    put_partition(Lake(own.lake), RAW_EVENTS, DAY, empty_pandas(RAW_EVENTS), "ingest_events")
    assert {one.state for one in look_at_logs(settings, own)} == {"wrong"}


def test_what_doctor_does_not_read_is_said_with_the_command_that_does() -> None:
    stream = io.StringIO()
    print_findings(Console(file=stream, width=80), {"app sample": [Finding("lake", "ok", "whole")]}, quiet=False)
    assert "Not read: the content of the lake's files. nightjar digest --app APP --date D" in stream.getvalue()


def test_a_page_tells_no_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTJAR__ONLINE__REGISTRY", "postgresql://feast:p%40ss%2Fw0rd@db/feast")
    stream = io.StringIO()
    finding = Finding("registry", "wrong", "FATAL: p@ss/w0rd is refused", "psql p%40ss%2Fw0rd")
    print_findings(Console(file=stream, width=200), {"app sample": [finding]}, quiet=True)
    assert "FATAL: *** is refused" in stream.getvalue()
    assert "psql ***" in stream.getvalue()


def test_a_stage_that_works_is_told_from_one_that_was_killed(home: Path) -> None:
    app, now = Home(home, "sample"), datetime.now(UTC)
    with noted_as_running(app.running, "publish", DAY):
        [works] = look_for_stuck_runs(SETTINGS, app, now)
        [late] = look_for_stuck_runs(SETTINGS, app, now + timedelta(days=1))
        [running] = running_stages(app.running)
        text = running.file.read_text().replace(f'"born": "{running.born}"', '"born": "another"')
    running.file.write_text(text)
    [killed] = look_for_stuck_runs(SETTINGS, app, now)

    assert works.state == "ok"
    assert late.state == "wrong"
    assert f"kill {os.getpid()}" in late.todo
    assert killed.state == "wrong"
    assert "was killed" in killed.told
    assert f"nightjar publish --app sample --date {DAY}" in killed.todo


def test_the_next_run_of_a_stage_takes_the_place_of_one_that_was_killed(home: Path) -> None:
    app = Home(home, "sample")
    with noted_as_running(app.running, "publish", DAY):
        [one] = running_stages(app.running)
        one.file.rename(one.file.with_name("dead.json"))
    dead = app.running / "dead.json"
    dead.write_text(dead.read_text().replace(one.born, "another"))

    with noted_as_running(app.running, "publish", DAY):
        assert [each.is_dead for each in running_stages(app.running)] == [False]
    assert running_stages(app.running) == []


def test_servers_that_are_away_are_found_and_no_password_is_told(home: Path) -> None:
    away = {
        "NIGHTJAR__ONLINE__STORE": "redis",
        "NIGHTJAR__ONLINE__REDIS": f"127.0.0.1:{free_port()},password={SECRET}",
        "NIGHTJAR__TRACKING__URI": f"http://nightjar:{SECRET}@127.0.0.1:{free_port()}",
        "NIGHTJAR__SPARK__MASTER": f"spark://127.0.0.1:{free_port()}",
    }
    Home(home, "sample").running.mkdir(parents=True)
    RunLog(Home(home, "sample").runs, DAY).append("publish", "failed", 1.0, {})

    code, printed = run_command(home, "doctor", "--app", "sample", **away)
    status_code, status = run_command(home, "status", **away)
    stage_code, stage = run_command(
        home, "withdraw", "--app", "sample", "--date", str(DAY), NIGHTJAR__LOGGING__FORMAT="json", **away
    )

    assert code == 1
    wrong = [line for line in printed.splitlines() if "WRONG" in line]
    assert all(any(name in line for line in wrong) for name in ("Spark", "MLflow", "online store"))
    assert status_code == 0
    assert "failed in publish" in status
    assert stage_code != 0
    [last] = [json.loads(line) for line in stage.splitlines() if '"ERROR"' in line]
    assert (last["run_date"], last["stage"], last["attempt"]) == (str(DAY), "withdraw", 1)
    assert SECRET not in f"{printed}{status}{stage}"
    assert list(files_that_hold(home, SECRET)) == []
