import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.adapters.tracking.store import open_client
from jobs.core.errors import ModelError

ROOT = Path(__file__).parents[3]
OPEN = (
    "import sys\n"
    "from jobs.adapters.tracking.store import open_client\n"
    "client = open_client(sys.argv[1], sys.argv[2])\n"
    "print(len(client.search_experiments()))\n"
)


def start(home):
    return subprocess.Popen(
        [sys.executable, "-c", OPEN, f"sqlite:///{home}/mlflow/mlflow.db", f"{home}/artifacts"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_processes_that_start_together_make_one_store_in_silence(tmp_path):
    both = [start(tmp_path) for _ in range(2)]
    answers = [process.communicate() for process in both]
    assert answers == [(b"1\n", b"")] * 2
    assert sorted(p.name for p in (tmp_path / "mlflow").iterdir()) == ["mlflow.db", "mlflow.db.lock"]
    assert [p.name for p in tmp_path.iterdir()] == ["mlflow"]


def test_what_a_killed_process_left_half_is_made_again(tmp_path):
    (tmp_path / ".mlflow.db.new").write_bytes(b"half")
    log = logging.getLogger("nightjar.test")
    open_client(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path))
    assert not (tmp_path / ".mlflow.db.new").exists()
    assert not log.disabled


def test_a_file_that_is_no_store_is_named(tmp_path):
    (tmp_path / "mlflow.db").write_bytes(b"this is not a database, whatever its name says")
    with pytest.raises(ModelError, match=r"mlflow\.db is not an SQLite database"):
        open_client(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path))


def test_the_store_of_another_version_is_refused(tmp_path):
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    open_client(uri, str(tmp_path))
    with sqlite3.connect(tmp_path / "copy.db") as copy, sqlite3.connect(tmp_path / "mlflow.db") as made:
        made.backup(copy)
        copy.execute("update alembic_version set version_num = 'older'")
    with pytest.raises(ModelError, match="cannot open the MLflow store"):
        open_client(f"sqlite:///{tmp_path}/copy.db", str(tmp_path))
