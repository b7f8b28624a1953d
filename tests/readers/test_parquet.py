"""Parquet as it comes: times with and without a zone, numbers, nulls, other columns in another file."""

import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from log_of import rows_of
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.core.errors import InputError
from jobs.core.raw_format import FIELD_SEPARATOR
from jobs.readers import parquet
from jobs.transforms.times import to_utc

NOON = datetime(2025, 7, 1, 12, 0, 0, 250_000)


def test_every_value_becomes_text_and_nulls_stay_apart_from_empty_texts(spark: SparkSession, tmp_path: Path) -> None:
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
            "empty": pa.array(["", None]),
        }
    )
    pq.write_table(table, one)
    pq.write_table(pa.table({"flag": ["yes"]}), two)
    assert rows_of(*parquet.read(spark, [str(one), str(two)])) == [
        (
            "2025-07-01.parquet",
            {
                "instant": "2025-07-01T12:00:00.25Z",
                "local": "2025-07-01 12:00:00.25",
                "day": "2025-07-01",
                "id`": "9007199254740993",
                "price": "2.5",
                "exact": "1.10",
                "flag": "true",
                "empty": "",
            },
        ),
        ("2025-07-01.parquet", dict.fromkeys(table.column_names) | {"flag": "false"}),
        ("2025-07-02.parquet", {"flag": "yes"}),
    ]


def test_files_of_one_shape_are_one_frame(spark: SparkSession, tmp_path: Path) -> None:
    tables = (
        pa.table({"flag": ["yes"], "n": [1]}),
        pa.table({"flag": ["no"], "n": [2]}).replace_schema_metadata({"made": "by another writer"}),
        pa.table({"flag": ["so"], "n": ["3"]}),
    )
    paths = [tmp_path / f"{number}.parquet" for number in range(len(tables))]
    for path, table in zip(paths, tables, strict=True):
        pq.write_table(table, path)
    frames = parquet.read(spark, [str(path) for path in paths])
    assert [[told["flag"] for _, told in rows_of(frame)] for frame in frames] == [["yes", "no"], ["so"]]


def test_a_gzipped_file_is_unpacked(spark: SparkSession, home: Path, tmp_path: Path) -> None:
    path, packed = tmp_path / "2025-07-01.parquet", tmp_path / "2025-07-02.parquet.gz"
    pq.write_table(pa.table({"flag": ["yes"]}), path)
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert parquet.columns(packed) == ("flag",)
    assert rows_of(*parquet.read(spark, [str(packed)])) == [("2025-07-02.parquet", {"flag": "yes"})]


def test_a_broken_gzipped_file_is_refused(home: Path, tmp_path: Path) -> None:
    packed = tmp_path / "2025-07-01.parquet.gz"
    packed.write_bytes(gzip.compress(b"x" * 1000)[:15])
    with pytest.raises(InputError, match=r"cannot read .*2025-07-01.parquet.gz as Parquet: .*; deliver it again"):
        parquet.columns(packed)


def test_a_point_in_time_is_not_shifted_by_the_log_s_zone(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "2025-07-01.parquet"
    times = {"instant": pa.array([NOON], pa.timestamp("ms", "UTC")), "local": pa.array([NOON], pa.timestamp("ms"))}
    pq.write_table(pa.table(times), path)
    (rows,) = parquet.read(spark, [str(path)])
    parsed = [to_utc(F.split("raw", FIELD_SEPARATOR)[place], "iso", "Asia/Tokyo") for place in range(len(times))]
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
