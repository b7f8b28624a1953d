"""Attempts and manifests: what several processes, a kill and a damaged file can do to them."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession

from jobs.adapters.lake import Attempt, Lake, Manifest
from jobs.adapters.lake.arrow import read_pandas, write_pandas
from jobs.adapters.lake.files import write_atomic
from jobs.adapters.spark.lake_io import read_partitions
from jobs.core.errors import MissingPartitionError, StorageError
from jobs.core.table import Column, Table

DAY = date(2025, 1, 2)
TABLE = Table("t", "One row per a.", "log", ("a",), (Column("a", "string", ""), Column("n", "long", "")))

# Commits its own attempts in a loop, until somebody kills it.
COMMITS_FOR_EVER = """
import sys
from pathlib import Path
from jobs.adapters.lake import Lake, Manifest
lake, template = Lake(Path(sys.argv[1])), Manifest.model_validate_json(sys.argv[2])
while True:
    lake.commit(template.model_copy(update={"attempt": lake.begin("t").number}))
"""


def manifest_of(attempt: int, files: tuple[str, ...] = (), day: date = DAY) -> Manifest:
    return Manifest(
        table="t", run_date=day, attempt=attempt, files=files, rows=0, digest="d", stage="s", fingerprint="f",
        inputs={f"x@{number}": "0" * 32 for number in range(200)}, settings="", code="", schema_version=1,
        state_version=0, shape="",
    )  # fmt: skip


def begin_many(root: Path) -> list[int]:
    return [Lake(root).begin("t").number for _ in range(25)]


def test_attempts_of_several_processes_have_numbers_of_their_own(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        numbers = [number for part in pool.map(begin_many, [tmp_path] * 3) for number in part]
    assert sorted(numbers) == list(range(1, 76))
    assert Lake(tmp_path).begin("t").number == 76


def test_a_stale_attempt_cannot_replace_a_newer_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    slow, fast = lake.begin("t"), lake.begin("t")
    assert lake.commit(manifest_of(fast.number))
    assert not lake.commit(manifest_of(slow.number))
    assert lake.require("t", DAY, "s").attempt == fast.number
    assert lake.commit(manifest_of(slow.number, day=date(2025, 1, 3)))


def test_a_killed_commit_leaves_a_whole_manifest(tmp_path: Path) -> None:
    lake, last = Lake(tmp_path), 0
    for pause in (0.0, 0.013, 0.029, 0.041):
        process = subprocess.Popen(
            [sys.executable, "-c", COMMITS_FOR_EVER, str(tmp_path), manifest_of(0).model_dump_json()]
        )
        while (current := lake.manifest("t", DAY)) is None or current.attempt <= last:
            assert process.poll() is None
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        survived = lake.require("t", DAY, "s")
        assert last < survived.attempt < lake.begin("t").number
        assert survived == manifest_of(survived.attempt)
        last = survived.attempt
    assert lake.run_dates("t") == [DAY]
    assert lake.commit(manifest_of(lake.begin("t").number)), "the lock of a dead process is free"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "Invalid JSON: EOF"),
        (b'{"table": "t"', "Invalid JSON: EOF"),
        (b'{"table": "t"}', "run_date: Field required"),
        (b"\xff\xfe", "invalid start byte"),
    ],
)
def test_a_damaged_manifest_says_so(tmp_path: Path, content: bytes, problem: str) -> None:
    lake = Lake(tmp_path)
    lake.commit(manifest_of(1))
    file = tmp_path / "t" / "manifests" / f"{DAY}.json"
    file.write_bytes(content)
    with pytest.raises(StorageError, match=rf"manifest {file} is damaged \(.*{problem}.*\); remove it and run"):
        lake.manifest("t", DAY)


def test_a_missing_partition_names_the_stage_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingPartitionError, match=r"table 't' has no partition run_date=2025-01-02 .*run make_t"):
        Lake(tmp_path).require("t", DAY, "make_t")


def write(lake: Lake, names: list[str], day: date = DAY) -> Attempt:
    attempt = lake.begin("t")
    write_pandas(TABLE, pd.DataFrame({"a": names, "n": range(len(names))}), attempt, day)
    return attempt


def test_only_files_that_the_manifest_names_are_read(tmp_path: Path, spark: SparkSession) -> None:
    lake = Lake(tmp_path)
    write(lake, ["never current"])
    current = write(lake, ["b", "a"])
    manifest = manifest_of(current.number, current.files(DAY))
    lake.commit(manifest)
    write(lake, ["later, not current"])
    stray = current.partition(DAY) / "part-stray.parquet"
    stray.write_bytes(b"left by a task that was started twice")

    assert read_pandas(lake, TABLE, manifest)["a"].tolist() == ["a", "b"]
    rows = read_partitions(spark, lake, TABLE, [manifest]).collect()
    assert {(row["a"], row["run_date"]) for row in rows} == {("a", DAY), ("b", DAY)}


def test_partitions_of_two_attempts_are_read_together(tmp_path: Path, spark: SparkSession) -> None:
    lake, next_day = Lake(tmp_path), date(2025, 1, 3)
    one, two = write(lake, ["a"]), write(lake, ["b"], next_day)
    manifests = [manifest_of(one.number, one.files(DAY)), manifest_of(two.number, two.files(next_day), next_day)]
    rows = read_partitions(spark, lake, TABLE, manifests).collect()
    assert {(row["a"], row["run_date"]) for row in rows} == {("a", DAY), ("b", next_day)}
    assert read_partitions(spark, lake, TABLE, [manifest_of(3)]).columns == ["a", "n", "run_date"]


def test_pandas_reads_some_columns_in_the_grain_s_order(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    attempt = write(lake, ["c", "a", "b"])
    frame = read_pandas(lake, TABLE, manifest_of(attempt.number, attempt.files(DAY)), ["n"])
    assert frame.columns.tolist() == ["n"]
    assert frame["n"].tolist() == [1, 2, 0]


def test_an_empty_partition_has_no_file_and_its_columns(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    attempt = write(lake, [])
    assert attempt.files(DAY) == ()
    frame = read_pandas(lake, TABLE, manifest_of(attempt.number))
    assert frame.empty
    assert frame.columns.tolist() == ["a", "n"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "m.json"
    write_atomic(file, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomic(file, "new \ud800")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"m.json": "old"}


def test_writers_of_one_process_number_have_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, replace = tmp_path / "m.json", Path.replace

    def overtaken(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "replace", replace)
        write_atomic(file, "of another container")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", overtaken)
    write_atomic(file, "ours")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"m.json": "ours"}
    lake = Lake(tmp_path)
    assert lake.prepare(manifest_of(1)).file != lake.prepare(manifest_of(1)).file


def test_manifests_that_are_not_placed_change_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first = lake.prepare(manifest_of(lake.begin("t").number))
    second = lake.prepare(manifest_of(lake.begin("t").number))
    assert lake.run_dates("t") == []
    assert lake.place(second)
    assert not lake.place(first)
    current = lake.manifest("t", DAY)
    assert current is not None
    assert current.attempt == second.manifest.attempt
    assert [path.name for path in (tmp_path / "t" / "manifests").iterdir()] == [f"{DAY}.json"]


def test_an_attempt_replaces_only_the_one_that_it_was_made_of(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first, second, third = (lake.begin("t").number for _ in range(3))
    assert not lake.commit(manifest_of(first), replaces=second)
    assert lake.commit(manifest_of(first), replaces=0)
    assert not lake.commit(manifest_of(third), replaces=0)
    assert lake.commit(manifest_of(third), replaces=first)
    assert not lake.commit(manifest_of(second), replaces=third), "a stale attempt replaces nothing, whatever it read"
    assert lake.require("t", DAY, "s").attempt == third
    assert [path.name for path in (tmp_path / "t" / "manifests").iterdir()] == [f"{DAY}.json"]


def test_a_retired_partition_is_current_no_more(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    attempt = lake.begin("t")
    lake.commit(manifest_of(attempt.number))
    assert lake.retire("t", DAY)
    assert not lake.retire("t", DAY)
    assert lake.manifest("t", DAY) is None
    assert attempt.folder.exists()


def test_whoever_dies_while_retiring_leaves_no_partition_that_was_retired_long_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    lake.commit(manifest_of(lake.begin("t").number))
    file = tmp_path / "t" / "manifests" / f"{DAY}.json"
    os.utime(file, (0, 0))
    monkeypatch.setattr(Path, "replace", lambda *_: exit())
    with pytest.raises(SystemExit):
        lake.retire("t", DAY)
    assert lake.run_dates("t") == [DAY]
    assert file.stat().st_mtime > 0


def test_what_was_placed_since_somebody_looked_is_not_retired(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    seen, later = lake.begin("t"), lake.begin("t")
    assert not lake.retire("t", DAY, attempt=seen.number)
    lake.commit(manifest_of(later.number))
    assert not lake.retire("t", DAY, attempt=seen.number)
    assert lake.require("t", DAY, "s").attempt == later.number
    assert lake.retire("t", DAY, attempt=later.number)
    assert lake.manifest("t", DAY) is None


@pytest.mark.parametrize("damage", ["truncated", "gone"])
def test_a_damaged_file_is_named_with_the_command_that_mends_it(tmp_path: Path, damage: str) -> None:
    lake = Lake(tmp_path / "apps" / "shop" / "lake")
    attempt = lake.begin("t")
    write_pandas(TABLE, pd.DataFrame({"a": ["x"], "n": [1]}), attempt, DAY)
    manifest = manifest_of(attempt.number, attempt.files(DAY))
    (file,) = lake.paths(manifest)
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(StorageError, match=rf"'t' of run_date={DAY}: .* nightjar s --app shop --date {DAY} --again"):
        read_pandas(lake, TABLE, manifest)
