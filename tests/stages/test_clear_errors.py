import errno
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from small_app import App

from jobs.adapters.spark.lake_io import read_partitions
from jobs.core.errors import InputError, OnlineStoreError, StorageError
from jobs.core.schemas import USER_STATUS
from jobs.stages.clear_errors import clear_errors

DAY = date(2025, 3, 3)


@pytest.mark.parametrize("damage", ["truncated", "gone", "empty"])
def test_a_file_that_spark_cannot_read_is_named_with_the_command_that_mends_it(
    tmp_path: Path, spark: SparkSession, damage: str
) -> None:
    app = App(tmp_path)
    app.put_status(DAY, {"u1": "deleted"})
    manifest = app.lake.require("user_status", DAY, "")
    frame = read_partitions(spark, app.lake, USER_STATUS, [manifest])
    (file,) = app.lake.paths(manifest)
    kept = {"truncated": file.read_bytes()[:-10], "empty": b""}.get(damage)
    file.unlink()
    if kept is not None:
        file.write_bytes(kept)
    command = f"nightjar clean_events --app sample --date {DAY} --again"
    told = f"'user_status' of run_date={DAY} .*; mend it: {command}"
    with pytest.raises(StorageError, match=told), clear_errors("a stage", "sample"):
        frame.collect()


def fail_deep_below() -> None:
    try:
        raise OSError(errno.ENOSPC, "No space left on device")
    except OSError as error:
        raise RuntimeError("a job failed") from error


def test_a_full_disk_is_told_however_deep_it_lies() -> None:
    with pytest.raises(StorageError, match="a stage: the disk is full"), clear_errors("a stage", "sample"):
        fail_deep_below()


def test_a_full_disk_behind_an_error_of_ours_is_told_as_one() -> None:
    error = OnlineStoreError("the store cannot be written")
    error.__cause__ = sqlite3.OperationalError("database or disk is full")
    with pytest.raises(StorageError, match="a stage: the disk is full"), clear_errors("a stage", "sample"):
        raise error


@pytest.mark.parametrize("error", [InputError("no file"), ValueError("a defect of ours"), KeyboardInterrupt()])
def test_other_errors_stay_what_they_are(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised, clear_errors("a stage", "sample"):
        raise error
    assert raised.value is error
