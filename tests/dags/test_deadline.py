import dataclasses
import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowException
from app_schedule import Schedule, read_schedule
from dag_folders import write_conf
from deadline import deadline_alert, tell_late
from hook_server import HookServer
from mail_server import MailServer

SECRET = "s3cret-hook-token"
CONTEXT = {
    "dag_run": {
        "dag_id": "nightly_shop",
        "dag_run_id": "manual__1",
        "state": "running",
        "logical_date": "2025-03-09T00:00:00Z",
        "conf": {"run_date": "2025-03-09"},
    }
}
SILENT = {"app": "shop", "minutes": 240, "webhook": "", "slack": "", "email": "", "smtp": "smtp_default"}


@pytest.fixture
def schedule(tmp_path: Path) -> Schedule:
    return read_schedule(write_conf(tmp_path / "conf", {"shop": "  owner: us\n"}), "shop", {})


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deadline.PAUSES", (0.0, 0.0))


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with HookServer().started() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer().started() as server:
        yield server


def connect(monkeypatch: pytest.MonkeyPatch, name: str, **fields: object) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps({"conn_type": "http", **fields}))


def test_without_a_channel_there_is_no_alert(schedule: Schedule) -> None:
    assert deadline_alert("shop", schedule) is None


def test_an_alert_is_due_after_the_minutes_of_the_schedule_and_names_connections_alone(schedule: Schedule) -> None:
    alert = deadline_alert("shop", dataclasses.replace(schedule, alert_webhook="night_hook"))

    assert alert is not None
    assert alert.interval == timedelta(minutes=schedule.alert_after_minutes)
    assert alert.callback.path == "deadline.tell_late"
    assert alert.callback.kwargs["webhook"] == "night_hook"


def test_a_webhook_gets_the_facts_and_slack_a_text(monkeypatch: pytest.MonkeyPatch, hook: HookServer) -> None:
    connect(monkeypatch, "night_hook", host=hook.address, password=SECRET)
    connect(monkeypatch, "slack", host=hook.address, extra={"path": "/services/T1"})

    tell_late(CONTEXT, **{**SILENT, "webhook": "night_hook", "slack": "slack"})

    (path, facts), (slack_path, message) = hook.posts
    assert path == f"/{SECRET}"
    assert (facts["app"], facts["run_date"], facts["run_id"]) == ("shop", "2025-03-09", "manual__1")
    assert slack_path == "/services/T1"
    assert message == {"text": facts["text"]}
    assert "nightjar status --app shop" in facts["text"]


def test_a_mail_goes_to_all_addresses_through_the_connection(
    monkeypatch: pytest.MonkeyPatch, mail: MailServer
) -> None:
    connect(
        monkeypatch, "ours", host="127.0.0.1", port=mail.port, extra={"disable_ssl": True, "from_email": "us@shop"}
    )

    tell_late(CONTEXT, **{**SILENT, "email": "a@shop, b@shop", "smtp": "ours"})

    [sent] = mail.mails
    assert (sent["From"], sent["To"]) == ("us@shop", "a@shop, b@shop")
    assert "shop is late" in sent["Subject"]
    assert "nightjar doctor --app shop" in str(sent.get_payload())


def test_a_mail_that_cannot_be_sent_names_the_connection_and_no_secret(
    monkeypatch: pytest.MonkeyPatch, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    # The server has no way to log in.
    connect(
        monkeypatch,
        "ours",
        host="127.0.0.1",
        port=mail.port,
        login="us",
        password=SECRET,
        extra={"disable_ssl": True},
    )

    with caplog.at_level(logging.INFO), pytest.raises(AirflowException, match="e-mail by ours") as raised:
        tell_late(CONTEXT, **{**SILENT, "email": "a@shop", "smtp": "ours"})

    assert mail.mails == []
    assert SECRET not in f"{raised.value}{caplog.text}"


def test_a_channel_that_fails_is_named_after_the_others_were_tried_and_no_secret_with_it(
    monkeypatch: pytest.MonkeyPatch, hook: HookServer, caplog: pytest.LogCaptureFixture
) -> None:
    connect(monkeypatch, "night_hook", host=f"{hook.address}/broken", password=SECRET)
    connect(monkeypatch, "slack", host=hook.address)

    with caplog.at_level(logging.INFO), pytest.raises(AirflowException, match="webhook night_hook") as raised:
        tell_late(CONTEXT, **{**SILENT, "webhook": "night_hook", "slack": "slack"})

    assert [path for path, _ in hook.posts] == [f"/broken/{SECRET}", "/", f"/broken/{SECRET}", f"/broken/{SECRET}"]
    assert SECRET not in f"{raised.value}{caplog.text}"


def test_a_channel_that_is_busy_for_a_moment_is_told_once(monkeypatch: pytest.MonkeyPatch, hook: HookServer) -> None:
    connect(monkeypatch, "night_hook", host=f"{hook.address}/busy")
    connect(monkeypatch, "slack", host=hook.address)

    tell_late(CONTEXT, **{**SILENT, "webhook": "night_hook", "slack": "slack"})

    assert [path for path, _ in hook.posts] == ["/busy", "/", "/busy"]
