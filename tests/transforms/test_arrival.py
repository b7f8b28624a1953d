"""Rows of one big file on their run dates: none lost, none twice."""

from datetime import date, timedelta

from app import app_settings
from pyspark.sql import DataFrame, SparkSession

from jobs.core.config import Settings
from jobs.transforms.arrival import place_by_event_time

FIRST = date(2025, 3, 1)
HEADERS = {"all": ("",), "app": ("",)}
SCHEMA = "run_date date, source string, header string, raw string, source_file string"


def app(zone: str = "UTC") -> Settings:
    """An app with a log by file names and one by event time."""
    by_file = app_settings(zone, columns={"event_type": "t", "event_time": "at"}, event_types={}).log
    by_time = by_file.model_copy(update={"name": "all", "day_from": "event_time"})
    settings = app_settings(zone)
    schedule = settings.schedule.model_copy(update={"first_day": FIRST})
    return settings.model_copy(update={"log": by_file, "logs": {"all": by_time}, "schedule": schedule})


def raw_rows(spark: SparkSession, times: list[str]) -> DataFrame:
    lines = [(None, "all", "", f'{{"t":"view","at":"{time}","n":{n}}}', "f") for n, time in enumerate(times)]
    lines.append((FIRST + timedelta(1), "app", "", '{"t":"view","at":"2020-01-01"}', "g"))
    return spark.createDataFrame(lines, SCHEMA)


TIMES = [
    "2025-03-01T23:30:00Z",
    "2025-03-02T00:30:00Z",
    "2025-03-02",
    "2024-12-31T10:00:00Z",
    "soon",
    "",
    "2030-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]


def placed(spark: SparkSession, zone: str, first: date, last: date) -> list[tuple[date, str]]:
    frame = place_by_event_time(raw_rows(spark, TIMES), app(zone), HEADERS, first, last)
    assert frame.columns == ["run_date", "source", "header", "raw", "source_file"]
    rows = frame.filter("source = 'all'").collect()
    return sorted((row["run_date"], TIMES[int(row["raw"].split('"n":')[1].rstrip("}"))]) for row in rows)


def test_a_row_belongs_to_the_local_day_of_its_time(spark: SparkSession) -> None:
    second = FIRST + timedelta(1)
    assert placed(spark, "UTC", second, second) == [(second, "2025-03-02"), (second, "2025-03-02T00:30:00Z")]
    assert placed(spark, "Asia/Tokyo", second, second) == [
        (second, "2025-03-01T23:30:00Z"),
        (second, "2025-03-02"),
        (second, "2025-03-02T00:30:00Z"),
    ]


def test_what_has_no_day_or_an_earlier_one_is_of_the_first_day(spark: SparkSession) -> None:
    assert placed(spark, "UTC", FIRST, FIRST) == [
        (FIRST, time) for time in ("", "2024-12-31T10:00:00Z", "2025-03-01T23:30:00Z", "soon")
    ]


def test_over_all_dates_each_row_is_on_one(spark: SparkSession) -> None:
    every = placed(spark, "UTC", FIRST, date(9999, 12, 31))
    assert sorted(time for _, time in every) == sorted(TIMES)
    night_by_night = [row for n in range(3) for row in placed(spark, "UTC", *[FIRST + timedelta(n)] * 2)]
    assert night_by_night == every[: len(night_by_night)] == placed(spark, "UTC", FIRST, FIRST + timedelta(2))


def test_other_logs_are_left_alone(spark: SparkSession) -> None:
    frame = place_by_event_time(raw_rows(spark, TIMES), app(), HEADERS, FIRST, FIRST)
    (row,) = frame.filter("source = 'app'").collect()
    assert (row["run_date"], row["source_file"]) == (FIRST + timedelta(1), "g")
