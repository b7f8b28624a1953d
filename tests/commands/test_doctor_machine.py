"""Each thing of the machine that doctor looks at can be found wrong."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from jobs.commands.checkup import machine
from jobs.commands.checkup.finding import Finding
from jobs.commands.checkup.machine import look_at_machine
from jobs.core.config import Settings, load_settings

SETTINGS = load_settings("sample")
HUGE = 1e9  # GiB


def asking(**changed: Any) -> Settings:
    """The settings with other limits; no port is looked at unless one is given."""
    limits = {"min_free_gib": 0.001, "min_free_memory_gib": 0.0, "ports": {}, **changed}
    return SETTINGS.model_copy(update={"doctor": SETTINGS.doctor.model_copy(update=limits)})


def found(subject: str, root: Path, **changed: Any) -> Finding:
    [one] = [one for one in look_at_machine(asking(**changed), root) if one.subject == subject]
    return one


@pytest.fixture
def java(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of the Java that is found."""
    program = tmp_path / "java"
    monkeypatch.setattr(machine, "find_java", lambda: program)
    return program


def says(java: Path, script: str) -> None:
    java.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    java.chmod(0o755)


@contextmanager
def listening(status: int | None) -> Iterator[int]:
    """A server that answers with a status; with None one that takes connections and says nothing. Yields its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    if status is None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            yield server.getsockname()[1]
        return
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_java_is_run_and_its_version_told(tmp_path: Path, java: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    says(java, "echo 'openjdk version \"17.0.9\" 2023-10-17' >&2")
    monkeypatch.setattr(machine, "archive_path", lambda _: java)

    one = found("Java", tmp_path)
    assert (one.state, one.told) == ("ok", f"17.0.9, {java}, with its class archive")

    monkeypatch.setattr(machine, "archive_path", lambda _: tmp_path / "absent")
    one = found("Java", tmp_path)
    assert (one.state, one.todo) == ("note", "nightjar prepare")
    assert one.told.startswith("17.0.9, ")


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("exit 127", "does not start, or says no version"),
        ("echo no java here >&2", "does not start, or says no version"),
        ("echo 'openjdk version \"25.0.1\" 2025-10-21' >&2", "is version 25.0.1; Spark needs 17 or 21"),
    ],
)
def test_a_java_that_spark_does_not_run_on_is_wrong(tmp_path: Path, java: Path, script: str, told: str) -> None:
    says(java, script)
    one = found("Java", tmp_path)
    assert one.state == "wrong"
    assert f"{java} {told}" in one.told
    assert "JAVA_HOME" in one.todo


def test_a_java_that_was_deleted_is_wrong(tmp_path: Path, java: Path) -> None:
    assert found("Java", tmp_path).state == "wrong"


def test_too_little_free_disk_is_wrong(tmp_path: Path) -> None:
    assert found("disk", tmp_path).state == "ok"

    one = found("disk", tmp_path, min_free_gib=HUGE)
    assert one.state == "wrong"
    assert "doctor.min_free_gib" in one.told
    assert "nightjar vacuum" in one.todo


def test_too_little_memory_is_a_note(tmp_path: Path) -> None:
    one = found("memory", tmp_path, min_free_memory_gib=HUGE)
    assert one.state == "note"
    assert "spark.driver_memory" in one.todo


def test_enough_memory_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_available", lambda: 2**40)
    assert found("memory", tmp_path).state == "ok"


def test_a_home_that_everybody_may_enter_is_a_note(tmp_path: Path) -> None:
    root = tmp_path / "home"
    root.mkdir(mode=0o750)
    assert found("home", root).state == "ok"

    root.chmod(0o755)
    one = found("home", root)
    assert (one.state, one.todo) == ("note", f"chmod o= {root}")


def test_a_home_that_cannot_be_made_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    one = found("home", tmp_path / "file" / "home")
    assert one.state == "wrong"
    assert "NIGHTJAR_HOME" in one.todo


@pytest.mark.parametrize("status", [None, 404])
def test_a_port_that_something_else_has_is_a_note(
    tmp_path: Path, status: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_SOON", 0.2)
    with listening(status) as port:
        one = found(f"port {port}", tmp_path, ports={"airflow": port})
    assert one.state == "note"
    assert "taken by something that is not airflow" in one.told
    assert f"sport = :{port}" in one.todo


def test_a_port_is_well_where_its_server_answers_or_nobody_listens(tmp_path: Path) -> None:
    with listening(200) as port:
        assert found(f"port {port}", tmp_path, ports={"airflow": port}).told == "airflow answers"
    one = found(f"port {port}", tmp_path, ports={"airflow": port})
    assert (one.state, one.told) == ("ok", "free for airflow; nothing runs there")
