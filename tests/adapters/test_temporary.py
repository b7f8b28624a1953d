"""Where temporary files are, so that those of killed stages are found."""

import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.adapters.temporary import temporary_files_below
from jobs.core.config import load_settings
from jobs.core.night import Night
from jobs.stages.catalog import stage_named
from jobs.stages.runner import run_stage

DAY = date(2025, 3, 3)
SAY = "import tempfile; print(tempfile.gettempdir())"


def test_of_this_process_and_those_that_it_starts_below_the_home(tmp_path: Path) -> None:
    before = tempfile.gettempdir(), os.environ.get("TMPDIR")
    with temporary_files_below(tmp_path):
        assert Path(tempfile.mkdtemp()).parent == tmp_path / "tmp"
        started = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
        assert started.stdout.strip() == str(tmp_path / "tmp")
    assert (tempfile.gettempdir(), os.environ.get("TMPDIR")) == before


def test_of_a_stage(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("jobs.stages.report.run", lambda _: seen.append(tempfile.gettempdir()))
    run_stage(replace(stage_named("report"), reads=()), Night(load_settings("sample"), DAY, DAY))
    assert seen == [str(home / "tmp")]


def test_of_java(spark: SparkSession) -> None:
    scratch = Path(str(spark.sparkContext.getConf().get("spark.local.dir")))
    assert spark._jvm is not None
    assert spark._jvm.java.lang.System.getProperty("java.io.tmpdir") == str(scratch.parent / "tmp")
