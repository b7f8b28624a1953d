"""Features from rows of state written by hand."""

from datetime import date
from decimal import Decimal
from math import log
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession

from jobs.adapters.spark.types import spark_schema
from jobs.core.config import load_settings
from jobs.core.schemas import ITEM_PROFILES
from jobs.core.state_schemas import ITEM_STATE, USER_ITEM_STATE, USER_STATE
from jobs.core.table import Table
from jobs.features import item_popularity, user_activity, user_category_affinity

DAY = date(2025, 3, 31)
FEATURES = load_settings("sample").features
EMPTY: dict[str, Any] = {
    "string": "x",
    "long": 0,
    "date": DAY,
    "double": 0.0,
    "boolean": True,
    "decimal(18,4)": Decimal(0),
    "array<long>": [],
}


def rows_of(spark: SparkSession, table: Table, *changed: dict[str, Any]) -> DataFrame:
    """Rows of a table with their run date; what is not given is zero."""
    base = {column.name: EMPTY[column.type] for column in table.columns}
    values = [(*(one | two).values(), DAY) for one, two in ((base, change) for change in changed)]
    return spark.createDataFrame(values, spark_schema(table).add("run_date", "date"))


def activity(spark: SparkSession, **changed: Any) -> Row:
    (row,) = user_activity.build(rows_of(spark, USER_STATE, changed), FEATURES).collect()
    return row


def item(spark: SparkSession, **changed: Any) -> Row:
    (row,) = item_popularity.build(rows_of(spark, ITEM_STATE, changed), FEATURES).collect()
    return row


def test_what_arrived_last_is_of_the_run_date_or_not(spark: SparkSession) -> None:
    last = {"n_events_last": 4, "n_purchases_last": 2, "revenue_last": Decimal("9.5")}
    today = activity(spark, **last)
    assert (today["n_events_1d"], today["n_purchases_1d"], float(today["revenue_1d"])) == (4, 2, 9.5)
    before = activity(spark, **last, activity_day=date(2025, 3, 30))
    assert (before["n_events_1d"], before["n_purchases_1d"], float(before["revenue_1d"])) == (0, 0, 0.0)


def test_pauses(spark: SparkSession) -> None:
    row = activity(spark, n_gaps=2, gap_days=8, gap_days_squared=9 + 25)
    assert (row["mean_gap_days"], row["gap_deviation_days"]) == (4.0, 1.0)
    none = activity(spark)
    assert (none["mean_gap_days"], none["gap_deviation_days"]) == (None, None)


def test_what_a_usual_day_brings(spark: SparkSession) -> None:
    row = activity(spark, n_days=4, log_revenue=Decimal("6.0000"), n_wanted_items=2, log_popularity=Decimal("5.0000"))
    assert (row["mean_log_revenue"], row["wanted_popularity"]) == (1.5, 2.5)
    assert activity(spark, n_days=4)["wanted_popularity"] is None


def test_hours_and_weekdays_in_one_number_each(spark: SparkSession) -> None:
    hours = [0] * 24
    hours[8], hours[20] = 3, 1
    row = activity(spark, hours=hours, weekdays=[2, 2, 0, 0, 0, 0, 0])
    assert (row["mean_hour"], row["weekday_entropy"]) == (11.0, pytest.approx(log(2), abs=1e-4))
    alike = activity(spark, hours=hours, weekdays=[1] * 7)["weekday_entropy"]
    assert alike == pytest.approx(log(7), abs=1e-4)
    assert activity(spark, hours=hours, weekdays=[3, 0, 0, 0, 0, 0, 0])["weekday_entropy"] == 0.0


def test_prices(spark: SparkSession) -> None:
    # Two wishes of equal weight, for 4 and for 16.
    logs = (log(4), log(16))
    row = activity(
        spark, wanted=2.0, wanted_log_price=sum(logs), wanted_log_price_squared=sum(value**2 for value in logs)
    )
    assert row["typical_price"] == pytest.approx(8.0)
    assert row["price_spread"] == pytest.approx(log(2), abs=1e-4)
    # One price, in sums that were rounded.
    once = activity(spark, wanted=0.5, wanted_log_price=1.1513, wanted_log_price_squared=2.6511)
    assert once["price_spread"] == 0.0
    far_back = activity(spark, wanted=0.001, wanted_log_price=0.002)
    assert (far_back["typical_price"], far_back["price_spread"]) == (None, None)


def test_decayed_revenue_is_of_the_run_date(spark: SparkSession) -> None:
    row = activity(spark, decayed_revenue=10.0, activity_day=date(2025, 3, 17))
    assert row["decayed_revenue"] == pytest.approx(5.0)


@pytest.mark.parametrize(
    ("age", "week", "month", "stage"),
    [
        (0, 5, 5, "new"),
        (13, 1, 9, "new"),
        (14, 6, 16, "rising"),
        (14, 3, 8, "rising"),
        (99, 7, 28, "steady"),
        (99, 1, 8, "fading"),
        (99, 0, 8, "fading"),
        (99, 0, 0, "resting"),
    ],
)
def test_life_cycle(spark: SparkSession, age: int, week: int, month: int, stage: str) -> None:
    first = date.fromordinal(DAY.toordinal() - age)
    assert item(spark, first_day=first, n_events_7d=week, n_events_28d=month)["life_cycle"] == stage


def test_categories_most_wanted_first(spark: SparkSession) -> None:
    pairs = rows_of(
        spark,
        USER_ITEM_STATE,
        {"user_id": "u", "item_id": "i1", "affinity": 2.0},
        {"user_id": "u", "item_id": "i2", "affinity": 1.5},
        {"user_id": "u", "item_id": "i3", "affinity": 3.0},
        {"user_id": "u", "item_id": "i4", "affinity": -1.0},
        {"user_id": "u", "item_id": "i5", "affinity": 9.0},
        {"user_id": "v", "item_id": "i4", "affinity": -1.0},
    )
    places = {"i1": "books", "i2": "books", "i3": "toys", "i4": "shoes", "i5": None}
    profiles = rows_of(
        spark, ITEM_PROFILES, *({"item_id": one, "category": category} for one, category in places.items())
    )
    (row,) = user_category_affinity.build(pairs, profiles, FEATURES).collect()
    assert (row["user_id"], row["n_categories"]) == ("u", 2)
    assert (row["categories"], row["affinities"]) == (["books", "toys"], [3.5, 3.0])


def test_without_a_catalogue_nobody_has_a_row(spark: SparkSession) -> None:
    pairs = rows_of(spark, USER_ITEM_STATE, {"affinity": 2.0})
    assert user_category_affinity.build(pairs, rows_of(spark, ITEM_PROFILES), FEATURES).isEmpty()
