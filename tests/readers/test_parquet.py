"""Parquet as it comes: times with and without a zone, numbers, nulls, other columns in another file."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.core.errors import InputError
from jobs.readers import parquet
from jobs.transforms.times import to_utc

NOON = datetime(2025, 7, 1, 12, 0, 0, 250_000)


def test_every_value_becomes_text_and_nulls_are_left_out(spark: SparkSession, tmp_path: Path) -> None:
    one, two = tmp_path / "2025-07-01.parquet", tmp_path / "2025-07-02.parquet"
    table = pa.table(
        {
            "instant": pa.array([NOON.replace(tzinfo=UTC), None], pa.timestamp("us", "Asia/Tokyo")),
            "local": pa.array([NOON, None], pa.timestamp("us")),
            "day": pa.array([date(2025, 7, 1), None]),
            "id`": pa.array([2**53 + 1, None]),
            "price": pa.array([2.5, None]),
            "exact": pa.array([Decimal("1.10"), None]),
            "flag": pa.array([True, False]),
        }
    )
    pq.write_table(table, one)
    pq.write_table(pa.table({"flag": ["yes"]}), two)
    rows = parquet.read(spark, [str(one), str(two)])
    found = {(row["source_file"][-18:-8], row["raw"]) for row in rows.collect()}
    assert {(day, json.dumps(json.loads(raw), sort_keys=True)) for day, raw in found} == {
        (
            "2025-07-01",
            '{"day": "2025-07-01", "exact": "1.10", "flag": "true", "id`": "9007199254740993", '
            '"instant": "2025-07-01T12:00:00.250000Z", "local": "2025-07-01 12:00:00.25", "price": "2.5"}',
        ),
        ("2025-07-01", '{"flag": "false"}'),
        ("2025-07-02", '{"flag": "yes"}'),
    }


def test_a_point_in_time_is_not_shifted_by_the_log_s_zone(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "2025-07-01.parquet"
    times = {"instant": pa.array([NOON], pa.timestamp("ms", "UTC")), "local": pa.array([NOON], pa.timestamp("ms"))}
    pq.write_table(pa.table(times), path)
    rows = parquet.read(spark, [str(path)])
    parsed = [to_utc(F.get_json_object("raw", f"$.{name}"), "iso", "Asia/Tokyo") for name in times]
    (row,) = rows.select(*(F.date_format(time, "HH:mm") for time in parsed)).collect()
    assert tuple(row) == ("12:00", "03:00")


def test_columns_of_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01.parquet"
    pq.write_table(pa.table({"b": [1], "a": [{"nested": [1]}]}), path)
    assert parquet.columns(path) == ("b", "a")


@pytest.mark.parametrize("keep", [0, 100, -20])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "2025-01-01.parquet"
    pq.write_table(pa.table({"id": list(range(1000))}), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"cannot read .*2025-01-01.parquet as Parquet: .*; deliver it again"):
        parquet.columns(path)


@pytest.mark.parametrize(
    ("table", "part"),
    [
        (pa.table({"at": pa.array([NOON], pa.timestamp("ns"))}), "column 'at' holds times in nanoseconds"),
        (pa.table({"Id": [1], "id": [2]}), "columns that differ in case only: Id, id"),
    ],
)
def test_what_spark_does_not_read_is_refused(tmp_path: Path, table: pa.Table, part: str) -> None:
    path = tmp_path / "2025-01-01.parquet"
    pq.write_table(table, path)
    with pytest.raises(InputError, match=part):
        parquet.columns(path)
