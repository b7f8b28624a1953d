"""Profiles hold from the day on which they are told until they are told otherwise."""

from datetime import date, timedelta
from decimal import Decimal

from app import app_settings
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession
from spark_properties import spark_property

from jobs.adapters.spark.types import contract, spark_schema
from jobs.core.config.log import LogSettings
from jobs.core.schemas import ITEM_PROFILE_COLUMNS, ITEM_PROFILES, UPDATED_AT, USER_PROFILE_COLUMNS, USER_PROFILES
from jobs.core.table import Column
from jobs.transforms.profiles import build_items, build_users, judge_profiles

FIRST = date(2025, 3, 3)
MARKS = {"is_parsed": True, "is_meant": True, "is_test": False}


def mapped(spark: SparkSession, columns: tuple[Column, ...], rows: list[dict[str, object]]) -> DataFrame:
    """Rows of a log as text, with their marks; `day` is the number of the run date."""
    names = [*(column.name for column in columns), UPDATED_AT]
    schema = "run_date date, is_parsed boolean, is_meant boolean, is_test boolean, " + ", ".join(
        f"{name} string" for name in names
    )
    full = [
        (
            FIRST + timedelta(int(str(row.get("day", 0)))),
            *(row.get(name, mark) for name, mark in MARKS.items()),
            *map(row.get, names),
        )
        for row in rows
    ]
    return spark.createDataFrame(full, schema)


def items(spark: SparkSession, rows: list[dict[str, object]]) -> DataFrame:
    return mapped(spark, ITEM_PROFILE_COLUMNS, rows)


def log_of(kind: str) -> LogSettings:
    return app_settings().log.model_copy(update={"kind": kind, "time_format": "iso", "time_zone": "Europe/Paris"})


def roll(spark: SparkSession, rows: DataFrame, steps: list[tuple[int, int]]) -> dict[tuple[int, str], Row]:
    """Item profiles by day number and item, over ranges of days, each from where the one before ended."""
    before = spark.createDataFrame([], spark_schema(ITEM_PROFILES))
    found: dict[tuple[int, str], Row] = {}
    for first, last in (tuple(FIRST + timedelta(day) for day in step) for step in steps):
        arrived = rows.filter(rows.run_date.between(first, last))
        built = build_items(arrived, before, first, last).selectExpr(*contract(ITEM_PROFILES)).collect()
        for row in built:
            key = ((row["run_date"] - FIRST).days, row["item_id"])
            assert key not in found, "an item stands twice"
            found[key] = row
        before = spark.createDataFrame(
            [tuple(row)[1:] for row in built if row["run_date"] == last], spark_schema(ITEM_PROFILES)
        )
    return found


def test_values_hold_and_tell_since_when(spark: SparkSession) -> None:
    told = [
        {"day": 0, "item_id": "a", "title": "Mug", "price": "2.50"},
        {"day": 1, "item_id": "a", "title": "Mug", "price": "2.5000"},
        {"day": 3, "item_id": "a", "title": "Mug", "is_available": "No"},
        {"day": 4, "item_id": "a", "title": "Mug", "price": "2.5"},
        {"day": 1, "item_id": "b"},
    ]
    found = roll(spark, items(spark, told), [(0, 4)])
    shown = {key: (row["price"], row["is_available"], (row["valid_from"] - FIRST).days) for key, row in found.items()}
    price = Decimal("2.5000")
    assert {day: shown[day, "a"] for day in range(5)} == {
        0: (price, True, 0),
        1: (price, True, 0),
        2: (price, True, 0),
        3: (None, False, 3),
        4: (price, True, 4),
    }
    assert {key for key in shown if key[1] == "b"} == {(day, "b") for day in (1, 2, 3, 4)}
    assert shown[4, "b"] == (None, True, 1)


def test_of_several_rows_of_a_day_the_largest_stands(spark: SparkSession) -> None:
    told = [
        {"item_id": "a", "title": "A", "price": "9"},
        {"item_id": "a", "title": "B", "price": "10"},
        {"item_id": "a", "title": "B", "price": "9"},
        {"item_id": "a", "price": "99"},
    ]
    for rows in (told, told[::-1]):
        (row,) = roll(spark, items(spark, rows), [(0, 0)]).values()
        assert (row["title"], row["price"]) == ("B", Decimal(10))


def test_of_several_rows_of_a_day_the_newest_stands(spark: SparkSession) -> None:
    told = [
        {"item_id": "cut", "price": "10", "updated_at": "2025-03-03T08:00:00Z"},
        {"item_id": "cut", "price": "9", "updated_at": "2025-03-03T10:00:00"},  # 09:00 UTC
        {"item_id": "cut", "price": "11", "updated_at": "2025-03-03T08:59:59Z"},
        {"item_id": "gone", "is_available": "yes", "updated_at": "2025-03-03T08:00:00Z"},
        {"item_id": "gone", "is_available": "no", "updated_at": "2025-03-03T08:00:01Z"},
        {"item_id": "gone", "is_available": "yes"},
        {"item_id": "tie", "title": "A", "price": "1", "updated_at": "2025-03-03"},
        {"item_id": "tie", "title": "B", "updated_at": "2025-03-03"},
    ]
    for rows in (told, told[::-1]):
        judged = judge_profiles(items(spark, rows), log_of("items"))
        found = {row["item_id"]: row for row in roll(spark, judged, [(0, 0)]).values()}
        assert found["cut"]["price"] == Decimal(9)
        assert not found["gone"]["is_available"]
        assert found["tie"]["title"] == "B"


def test_users(spark: SparkSession) -> None:
    rows = mapped(
        spark,
        USER_PROFILE_COLUMNS,
        [
            {"user_id": "u", "country": "FR", "signed_up_day": "2024-02-29T23:10:00Z", "plan": "gold"},
            {"user_id": "v"},
        ],
    )
    before = spark.createDataFrame([], spark_schema(USER_PROFILES))
    built = build_users(rows, before, FIRST, FIRST).selectExpr(*contract(USER_PROFILES)).collect()
    assert {row["user_id"]: (row["country"], row["signed_up_day"], row["plan"]) for row in built} == {
        "u": ("FR", date(2024, 2, 29), "gold"),
        "v": (None, None, None),
    }


def test_items_are_judged(spark: SparkSession) -> None:
    good = {"item_id": "a"}
    rows: list[tuple[dict[str, object], str | None]] = [
        (good, None),
        ({**good, "price": "0", "is_available": "YES"}, None),
        ({**good, "is_parsed": False}, "unparsable"),
        ({**good, "is_meant": False}, "filtered"),
        ({**good, "is_test": True}, "test_traffic"),
        ({"price": "x"}, "missing_item"),
        ({**good, "updated_at": "2025-03-03T10:00:00Z"}, None),
        ({**good, "updated_at": "noon"}, "bad_time"),
        ({**good, "price": "cheap", "is_available": "x"}, "bad_price"),
        ({**good, "price": "-0.01"}, "bad_price"),
        ({**good, "currency": "eur"}, "bad_currency"),
        ({**good, "is_available": "maybe"}, "bad_flag"),
        *(({**good, "is_available": flag}, None) for flag in ("true", "False", "1", "0", "no")),
    ]
    judged = judge_profiles(items(spark, [row for row, _ in rows]), log_of("items")).collect()
    assert [row["reason"] for row in judged] == [reason for _, reason in rows]


def test_users_are_judged(spark: SparkSession) -> None:
    days = {
        "2024-02-29": None,
        "2024-02-30": "bad_day",
        "2024": "bad_day",
        "2024-02-29x": "bad_day",
        "29.2.2024": "bad_day",
    }
    rows: list[dict[str, object]] = [{"user_id": "u", "signed_up_day": day} for day in days]
    judged = judge_profiles(mapped(spark, USER_PROFILE_COLUMNS, [{}, *rows]), log_of("users")).collect()
    assert [row["reason"] for row in judged] == ["missing_user", *days.values()]


@spark_property(often=9)
@given(
    drawn=st.lists(
        st.tuples(
            st.integers(0, 4), st.sampled_from("abc"), st.sampled_from([None, "x", "y"]), st.sampled_from([None, "1"])
        ),
        max_size=25,
    )
)
def test_nights_one_by_one_and_a_range_agree(
    spark: SparkSession, drawn: list[tuple[int, str, str | None, str | None]]
) -> None:
    told = [{"day": day, "item_id": item, "title": title, "price": price} for day, item, title, price in drawn]
    rows = items(spark, told).cache()
    in_one_go = roll(spark, rows, [(0, 4)])
    assert roll(spark, rows, [(day, day) for day in range(5)]) == in_one_go
    assert roll(spark, rows, [(0, 2), (3, 4)]) == in_one_go
    assert {item for _, item in in_one_go} == {item for _, item, *_ in drawn}
