"""The serving bench still fits the views that it measures; each part in a process of its own, as it is run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
_PROJECT = Path(__file__).parents[2]


def run(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=_PROJECT, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_both_sides_publish_the_night(tmp_path: Path) -> None:
    run("-m", "tests.bench.bench_serving", "--parts", "publish_sqlite", "--users", "40", "--root", str(tmp_path))
    figures = json.loads((tmp_path / "serving.json").read_text())
    assert {"publish_sqlite_over_feast", "publish_sqlite_over_feast_duckdb"} <= set(figures)
    assert figures["publish_users"] == 40


def test_both_sides_read_a_user() -> None:
    figures = json.loads(
        run("-c", "import json; from tests.bench.serving import read; print(json.dumps(read.run(60, 120)))")
    )
    assert {"read_p50_over_feast", "read_p99_over_feast", "redis_read_p50_over_feast"} <= set(figures)
