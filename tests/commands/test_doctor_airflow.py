"""Doctor asks Airflow for its pool and its DAGs, and passes on what Airflow says."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from jobs.commands.checkup.dags import look_at_dags
from jobs.commands.checkup.finding import Finding
from jobs.commands.checkup.pool import look_at_pool
from jobs.commands.doctor_page import print_findings
from jobs.core.config import load_settings
from jobs.core.home import Home

SECRET = "pl4nted-s3cret"
SETTINGS = load_settings("sample")
SLOTS = SETTINGS.schedule.pool_slots
POOL = SETTINGS.schedule.pool

# As Airflow 3.3.2 ends on a database without tables.
NO_TABLES = """Traceback (most recent call last):
  File "sqlalchemy/engine/default.py", line 1192, in do_execute
    cursor.execute(statement, parameters)
sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: slot_pool
[SQL: SELECT slot_pool.id, slot_pool.pool, slot_pool.slots
FROM slot_pool]
(Background on this error at: https://sqlalche.me/e/21/e3q8)"""

Install = Callable[[str], None]
Look = Callable[[str], Finding]


@pytest.fixture
def install(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a script in the place of `airflow`."""
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"postgresql://airflow:{SECRET}@db/airflow")
    monkeypatch.delenv("AIRFLOW_HOME", raising=False)
    program = tmp_path / "bin" / "airflow"
    program.parent.mkdir()

    def put(script: str) -> None:
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    return put


@pytest.fixture
def look(install: Install, home: Path) -> Look:
    """Looks at the pool of such an Airflow."""

    def found(script: str) -> Finding:
        install(script)
        return look_at_pool(SETTINGS, Home(home, "sample"))

    return found


def listing(**slots: int) -> str:
    """A script that prints pools as Airflow does, below a line of its log."""
    pools = ", ".join(f'{{"pool": "{name}", "slots": "{number}"}}' for name, number in slots.items())
    return f"echo '[2025-03-01T00:00:00Z] some warning'\necho '[{pools}]'"


def test_a_pool_that_is_missing_is_wrong(look: Look) -> None:
    one = look(listing(default_pool=128))
    assert (one.subject, one.state) == (f"pool {POOL}", "wrong")
    assert "does not exist" in one.told
    assert one.todo.startswith(f"airflow pools set {POOL} {SLOTS} ")


def test_a_pool_of_another_size_is_a_note(look: Look) -> None:
    assert look(listing(default_pool=128, **{POOL: SLOTS})) == Finding(f"pool {POOL}", "ok", f"{SLOTS} slots")

    one = look(listing(**{POOL: SLOTS + 1}))
    assert one.state == "note"
    assert f"{SLOTS + 1} slots" in one.told


def test_what_airflow_says_when_it_fails_is_passed_on(look: Look) -> None:
    one = look(f"cat >&2 <<'END'\n{NO_TABLES}\nEND\nexit 1")
    assert one.state == "wrong"
    raised = "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: slot_pool"
    assert one.told.endswith(f"ended with 1: {raised}")
    assert "airflow db migrate" in one.todo


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo some plain words >&2; exit 2", "ended with 2: some plain words"),
        ("echo only to people; exit 2", "ended with 2: only to people"),
        ("exit 3", "ended with 3: it said nothing"),
        ("echo No data found", "ended with 0: No data found"),
    ],
)
def test_without_a_traceback_the_last_words_are_passed_on(look: Look, script: str, told: str) -> None:
    one = look(script)
    assert one.state == "wrong"
    assert told in one.told


def test_dags_that_are_paused_or_not_known_are_told_with_what_to_type(install: Install, home: Path) -> None:
    install(f"echo '{json.dumps([{'dag_id': 'nightly_sample', 'is_paused': 'True'}])}'")
    nights, sweeps = look_at_dags(SETTINGS, Home(home, "sample"))
    assert (nights.subject, nights.state) == ("DAG nightly_sample", "note")
    assert nights.todo == "airflow dags unpause nightly_sample"
    assert (sweeps.subject, sweeps.state) == ("DAG vacuum_sample", "wrong")
    assert sweeps.todo.startswith("airflow dags list-import-errors")

    known = [{"dag_id": name, "is_paused": "False"} for name in ("nightly_sample", "vacuum_sample", "nightly_shop")]
    install(f"echo '{json.dumps(known)}'")
    assert [one.state for one in look_at_dags(SETTINGS, Home(home, "sample"))] == ["ok", "ok"]

    gone = [{"dag_id": "nightly_sample", "is_paused": "False", "is_stale": "True"}]
    for none in (gone, []):
        install(f"echo '{json.dumps(none)}'")
        assert [one.state for one in look_at_dags(SETTINGS, Home(home, "sample"))] == ["wrong", "wrong"]

    install("exit 1")
    assert look_at_dags(SETTINGS, Home(home, "sample")) == []


def test_no_password_that_airflow_repeats_is_printed(look: Look) -> None:
    one = look(f"echo 'OSError: postgresql://airflow:{SECRET}@db does not know {SECRET}' >&2; exit 1")
    stream = io.StringIO()
    print_findings(Console(file=stream, width=200), {"app sample": [one]}, quiet=False)
    assert "OSError: postgresql://***@db does not know ***" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_without_airflow_there_is_nothing_to_look_at(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    assert "no Airflow is set up here" in look("exit 1").told

    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    (tmp_path / "airflow.db").touch()
    assert look("exit 1").state == "wrong"
    (tmp_path / "bin" / "airflow").rename(tmp_path / "bin" / "other")
    assert look_at_pool(SETTINGS, Home(tmp_path, "sample")).state == "ok"
