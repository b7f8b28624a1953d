"""Texts that are times, and texts that only look so."""

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.transforms.times import local_day, to_utc


def utc(spark: SparkSession, texts: list[str], time_format: str, zone: str) -> list[str | None]:
    rows = spark.createDataFrame(list(enumerate(texts)), "n int, text string")
    time = to_utc(F.col("text"), time_format, zone).cast("string")
    return [row["time"] for row in rows.select("n", time.alias("time")).orderBy("n").collect()]


def test_iso(spark: SparkSession) -> None:
    cases = {
        "2025-01-01T10:00:00Z": "2025-01-01 10:00:00",
        "2025-01-01 10:00:00 UTC": "2025-01-01 10:00:00",
        "2025-01-01T10:00:00.123456789+02:00": "2025-01-01 08:00:00.123456",
        "2025-01-01T10:00:00-0530": "2025-01-01 15:30:00",
        "2025-01-01T10:00:00+02": "2025-01-01 08:00:00",
        "2025-01-01T10:00Z": "2025-01-01 10:00:00",
        "2025-01-01T10:00-05:30": "2025-01-01 15:30:00",
        "2025-01-01T10:00:00": "2025-01-01 01:00:00",
        "2025-01-01 10:00": "2025-01-01 01:00:00",
        "2025-01-01": "2024-12-31 15:00:00",
    }
    assert utc(spark, list(cases), "iso", "Asia/Tokyo") == list(cases.values())


def test_what_is_no_iso_time_is_null_and_never_takes_the_clock_s_day(spark: SparkSession) -> None:
    wrong = ["10:30:00", "T10:30", "2025", "2025-01", "2025-13-01", "2025-02-30T10:00:00", "2025-01-01T25:00:00"]
    wrong += ["now", "", "x", "1735689600", "2025-01-01T10:00:00 Europe/Paris", "+2025-01-01T10:00:00"]
    assert utc(spark, wrong, "iso", "UTC") == [None] * len(wrong)


def test_the_usual_form_in_utc(spark: SparkSession) -> None:
    cases = {
        "2025-01-01T10:00:00.5Z": "2025-01-01 10:00:00.5",
        "2025-01-01 10:00:00.123Z": "2025-01-01 10:00:00.123",
        "2024-02-29T23:59:59.999999Z": "2024-02-29 23:59:59.999999",
        "2025-01-01T10:00:00.12 Z": "2025-01-01 10:00:00.12",
    }
    assert utc(spark, list(cases), "iso", "Asia/Tokyo") == list(cases.values())


def test_what_only_looks_like_the_usual_form_is_null(spark: SparkSession) -> None:
    wrong = ["2025-02-30T10:00:00Z", "2025-01-01T24:00:01Z", "2025-01-01T10:60:00Z", "2025-01-01T10:00:5 Z"]
    wrong += ["2025-01-01T10:00:00.Z", "2025-01-01T10:00:00.5NZ", "2025-01-01T10:00:00.x5Z", "2025-01-01T10:00:00NZ"]
    wrong += ["2025-01-01x10:00:00Z", "+202-01-01T10:00:00Z", "2025-1 -01T10:00:00Z", "2025-01-01T1 :00:00Z"]
    assert utc(spark, wrong, "iso", "UTC") == [None] * len(wrong)


@pytest.mark.parametrize(("time_format", "factor"), [("epoch_s", 1), ("epoch_ms", 1000)])
def test_epoch(spark: SparkSession, time_format: str, factor: int) -> None:
    whole = str(1_735_689_600 * factor)
    texts = [whole, f"{whole}.5", f"{1.7356896 * factor}E9", "0", "-86400000"]
    seconds = "2025-01-01 00:00:00"
    half = {"epoch_s": f"{seconds}.5", "epoch_ms": f"{seconds}.0005"}[time_format]
    before = {"epoch_s": "1967-04-07 00:00:00", "epoch_ms": "1969-12-31 00:00:00"}[time_format]
    assert utc(spark, texts, time_format, "Asia/Tokyo") == [seconds, half, seconds, "1970-01-01 00:00:00", before]


@pytest.mark.parametrize("time_format", ["epoch_s", "epoch_ms"])
def test_numbers_that_are_no_time(spark: SparkSession, time_format: str) -> None:
    wrong = ["253402300800000", "-62135596800001", "9" * 30, "1e40", "NaN", "x", "", "2025-01-01"]
    assert utc(spark, wrong, time_format, "UTC") == [None] * len(wrong)


def test_patterns_with_and_without_a_zone(spark: SparkSession) -> None:
    assert utc(spark, ["03.07.2025 10:00", "2025-07-03", "x"], "dd.MM.yyyy HH:mm", "Europe/London") == [
        "2025-07-03 09:00:00",
        None,
        None,
    ]
    assert utc(spark, ["2025-07-03 10:00 +02:00"], "yyyy-MM-dd HH:mm XXX", "Asia/Tokyo") == ["2025-07-03 08:00:00"]
    # Letters in quotes are text, also those that would stand for a zone.
    assert utc(spark, ["2025-07-03T10:00Z"], "yyyy-MM-dd'T'HH:mm'Z'", "Asia/Tokyo") == ["2025-07-03 01:00:00"]


def test_clock_changes(spark: SparkSession) -> None:
    texts = ["2025-03-30T00:59:59", "2025-03-30T01:30:00", "2025-10-26T01:30:00", "2025-10-26T02:00:00"]
    assert utc(spark, texts, "iso", "Europe/London") == [
        "2025-03-30 00:59:59",
        "2025-03-30 01:30:00",
        "2025-10-26 00:30:00",
        "2025-10-26 02:00:00",
    ]


def test_local_days(spark: SparkSession) -> None:
    texts = ["2025-01-01T14:59:59Z", "2025-01-01T15:00:00Z", "2025-01-02T04:59:59Z"]
    rows = spark.createDataFrame(list(enumerate(texts)), "n int, text string")
    time = to_utc(F.col("text"), "iso", "UTC")
    days = rows.select("n", *(local_day(time, zone).cast("string") for zone in ("Asia/Tokyo", "America/New_York")))
    assert [tuple(row)[1:] for row in days.orderBy("n").collect()] == [
        ("2025-01-01", "2025-01-01"),
        ("2025-01-02", "2025-01-01"),
        ("2025-01-02", "2025-01-01"),
    ]
