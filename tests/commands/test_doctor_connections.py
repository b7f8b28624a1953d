"""What cannot be reached is told before a night needs it, with its address and without its password."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from jobs.commands.checkup.connections import look_at_connections
from jobs.commands.checkup.finding import Finding
from jobs.core.config import load_settings
from jobs.core.home import Home

SECRET = "pl4nted-s3cret"
# Nothing listens on port 1, and no program of a user may.
AWAY = "127.0.0.1:1"


@pytest.fixture(autouse=True)
def no_airflow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Asking it takes seconds; `test_doctor_airflow.py` does."""
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def mlflow_server() -> Iterator[tuple[int, list[int]]]:
    """Its port, and the status it answers with."""
    status = [200]

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status[0] if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port, status
        server.shutdown()
        thread.join()


def found(home: Path, subject: str, **overrides: Any) -> Finding:
    settings = load_settings(
        "sample", overrides={name.replace("__", "."): value for name, value in overrides.items()}
    )
    [one] = [one for one in look_at_connections(settings, Home(home, "sample")) if one.subject == subject]
    return one


def registry(address: str) -> dict[str, Any]:
    """With a store that it goes with, which is away too."""
    return {"online__store": "redis", "online__redis": AWAY, "online__registry": address}


def test_a_registry_that_refuses_is_wrong_before_anything_was_published(home: Path) -> None:
    one = found(home, "Feast registry", **registry(f"postgresql+psycopg2://feast:{SECRET}@{AWAY}/feast"))

    assert not Home(home, "sample").lake.exists()
    assert one.state == "wrong"
    assert "127.0.0.1 does not answer" in one.told
    assert "Connection refused" in one.told
    assert one.todo == "start the server, or set NIGHTJAR__ONLINE__REGISTRY"
    assert SECRET not in f"{one}"


def test_a_registry_that_answers_is_well_with_views_and_without(home: Path, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/registry.db"
    assert "the first publish applies them" in found(home, "Feast registry", **registry(address)).told

    with create_engine(address).begin() as database:
        database.execute(text("CREATE TABLE feature_views (feature_view_name TEXT, project_id TEXT)"))
        database.execute(text("INSERT INTO feature_views VALUES ('churn', 'sample')"))
    one = found(home, "Feast registry", **registry(address))
    assert one.state == "ok"
    assert one.told.endswith("answers and holds views")


def test_a_registry_in_a_file_is_no_connection(home: Path) -> None:
    settings = load_settings("sample")
    assert "Feast registry" not in [one.subject for one in look_at_connections(settings, Home(home, "sample"))]


def test_a_redis_that_refuses_is_wrong(home: Path) -> None:
    one = found(home, "online store", online__store="redis", online__redis=f"{AWAY},password={SECRET}")
    assert one.state == "wrong"
    assert "NIGHTJAR__ONLINE__REDIS" in one.todo


def test_a_tracking_server_that_refuses_is_named_with_its_address(home: Path) -> None:
    one = found(home, "MLflow", tracking__uri=f"http://nightjar:{SECRET}@{AWAY}")
    assert one.state == "wrong"
    assert f"@{AWAY} does not answer: [Errno 111] Connection refused" in one.told
    assert "NIGHTJAR__TRACKING__URI" in one.todo
    assert SECRET not in f"{one}"


def test_a_tracking_server_is_asked_for_its_health(home: Path, mlflow_server: tuple[int, list[int]]) -> None:
    port, status = mlflow_server
    uri = f"http://127.0.0.1:{port}"
    assert found(home, "MLflow", tracking__uri=uri) == Finding("MLflow", "ok", f"{uri} answers")

    status[0] = 503
    one = found(home, "MLflow", tracking__uri=uri)
    assert (one.state, one.told) == ("wrong", f"{uri} answers 503")


def test_a_damaged_store_of_models_is_wrong(home: Path) -> None:
    assert found(home, "MLflow").told.endswith("is made by the first training")

    database = Home(home, "sample").mlflow / "mlflow.db"
    database.parent.mkdir(parents=True)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE model_versions (name TEXT)")
    assert found(home, "MLflow").told.endswith("0 model versions")

    database.write_bytes(b"no database " * 100)
    assert found(home, "MLflow").state == "wrong"


@pytest.mark.parametrize("master", [f"spark://{AWAY}", f"spark://{AWAY},127.0.0.1:2"])
def test_a_master_that_refuses_is_named_with_its_address(home: Path, master: str) -> None:
    one = found(home, "Spark", spark__master=master)
    assert one.state == "wrong"
    assert f"spark://{AWAY} does not answer: [Errno 111] Connection refused" in one.told


def test_a_log_that_this_user_may_not_read_is_wrong(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert found(home, "log app", log__path=str(tmp_path / "log")).state == "wrong"
