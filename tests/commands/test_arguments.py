"""`--input` replaces the folder of the one log; several have no one folder. Dates to come are refused."""

import argparse
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from jobs.__main__ import main
from jobs.commands.arguments import night_of, settings_of
from jobs.core.config import Settings, load_settings
from jobs.core.config.load import project_folder
from jobs.core.errors import UsageError

SHARED = "app: shop\nlog: {columns: {event_type: what, event_time: at, user_id: who}}\n"


def settings_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logs: str, shared: str = SHARED
) -> dict[str, str | None]:
    """Paths of the logs of an app with these `logs`, for a command with ``--input /in``."""
    conf = tmp_path / "conf"
    shutil.copytree(project_folder() / "conf", conf)
    (conf / "apps" / "shop.yaml").write_text(shared + logs, encoding="utf-8")
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    settings = settings_of(argparse.Namespace(app="shop", input="/in"))
    return {name: log.path for name, log in settings.sources.items()}


@pytest.mark.parametrize("logs", ["logs: {}\n", "logs: {web: {path: /other}}\n"])
def test_one_log_is_read_from_there(logs: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(settings_path(tmp_path, monkeypatch, logs).values()) == ["/in"]


def test_the_folder_is_that_of_log_where_there_are_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared = SHARED.replace("{columns", "{path: /app, columns")
    found = settings_path(tmp_path, monkeypatch, "logs: {web: {path: /web}}\n", shared)
    assert found == {"log": "/in", "web": "/web"}


def test_several_logs_are_refused_and_their_variables_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"'shop' has several logs; set NIGHTJAR__LOGS__WEB__PATH, .*__MY_APP__PATH"):
        settings_path(tmp_path, monkeypatch, "logs: {web: {}, my_app: {}}\n")


def in_zone(name: str) -> Settings:
    settings = load_settings("sample")
    return settings.model_copy(update={"schedule": settings.schedule.model_copy(update={"time_zone": name})})


def test_today_is_that_of_the_app() -> None:
    east, west = in_zone("Pacific/Kiritimati"), in_zone("Etc/GMT+12")
    today = datetime.now(east.zone).date()
    assert night_of(east, today).run_date == today
    # A day and two hours behind.
    with pytest.raises(UsageError, match=rf"date {today} is yet to come for app 'sample', .*time_zone: Etc/GMT\+12"):
        night_of(west, today)


@pytest.mark.parametrize(
    "command",
    [
        ["ingest_events", "--date", "9999-12-25"],
        ["backfill", "--from", "2025-01-01", "--to", "9999-12-25"],
        ["replay", "--from", "2025-01-01", "--to", "9999-12-25"],
        ["accept", "--date", "9999-12-25", "--expectation", "events.volume", "--reason", "x"],
        ["promote", "--date", "9999-12-25", "--role", "churn", "--model", "x", "--reason", "x"],
    ],
    ids=lambda command: command[0],
)
def test_a_date_to_come_is_refused(command: list[str], home: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main([*command, "--app", "sample"]) == UsageError.exit_code
    assert "date 9999-12-25 is yet to come for app 'sample', where it is" in caplog.text
    assert not list(home.rglob("*.json"))
