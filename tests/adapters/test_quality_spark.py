"""The same audit on Spark; the frame is cached by the caller."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.adapters.quality import audit
from jobs.adapters.spark.types import spark_schema
from jobs.core.config import load_settings
from jobs.core.output_schemas import PREDICTIONS
from jobs.core.schemas import EVENTS, LEDGER
from jobs.features.user_item_affinity import SPEC as AFFINITY

DAY = date(2025, 3, 1)
NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
SETTINGS = load_settings("sample")
EVENT = {
    "event_type": "purchase", "event_time": NOON, "event_day": DAY, "user_id": "u1", "session_id": "s1",
    "item_id": "i1", "price": Decimal("2.5"), "quantity": 2, "source": "app",
}  # fmt: skip


def events(spark: SparkSession, *changes: dict[str, Any]) -> DataFrame:
    rows = [EVENT | {"event_id": f"e{number}"} | change for number, change in enumerate(changes)]
    values = [tuple(row.get(name) for name in EVENTS.column_names) for row in rows]
    return spark.createDataFrame(values, spark_schema(EVENTS)).cache()


@pytest.mark.parametrize(
    ("change", "name", "n_rows"),
    [
        ({"event_type": "purchse"}, "event_type_in_set", 1),
        ({"event_day": date(2025, 3, 2)}, "event_day_at_most_run_date", 1),
        ({"price": Decimal("-1")}, "price_in_range", 1),
        ({"item_id": None}, "item_id_where_needed", 1),
        ({"user_id": None}, "visitor_known", 1),
        ({"session_id": None}, "session_id_present", 1),
        ({"event_id": "e0"}, "unique", 2),
    ],
)
def test_each_broken_event_is_found(spark: SparkSession, change: dict[str, Any], name: str, n_rows: int) -> None:
    found = audit(events(spark, {}, change), EVENTS, SETTINGS, [DAY])
    assert [(failure.expectation, failure.n_rows) for failure in found.failures] == [(name, n_rows)]


def test_good_events(spark: SparkSession) -> None:
    assert audit(events(spark, {}, {}), EVENTS, SETTINGS, [DAY]).failures == ()


def test_a_wrong_type_is_seen_in_the_schema(spark: SparkSession) -> None:
    found = audit(events(spark, {}).withColumn("quantity", F.lit("two")), EVENTS, SETTINGS, [DAY])
    assert [failure.expectation for failure in found.failures] == ["quantity_type"]


def test_no_second_copy_is_kept(spark: SparkSession) -> None:
    frame = events(spark, {})
    frame.count()
    before = spark.sparkContext._jsc.getPersistentRDDs().size()
    audit(frame, EVENTS, SETTINGS, [DAY])
    assert spark.sparkContext._jsc.getPersistentRDDs().size() == before


def test_lists_are_seen_by_their_length(spark: SparkSession) -> None:
    rows = [("u1", NOON, 2, ["i1", "i2"], [2.0]), ("u2", NOON, 1, ["i1"], [2.0])]
    frame = spark.createDataFrame(rows, spark_schema(AFFINITY.table))
    found = audit(frame, AFFINITY.table, SETTINGS, [DAY])
    assert [(failure.expectation, failure.n_rows) for failure in found.failures] == [
        ("items_length_equal_affinities_length", 1)
    ]


def test_not_a_number_is_not_finite(spark: SparkSession) -> None:
    said = (None, None, None, [], [], [], "", False, "m")
    rows = [("u1", "churn", float("nan"), *said), ("u2", "churn", 0.5, *said)]
    found = audit(spark.createDataFrame(rows, spark_schema(PREDICTIONS)), PREDICTIONS, SETTINGS, [DAY])
    assert "probability_finite" in {failure.expectation for failure in found.critical}


def test_a_ledger_on_spark(spark: SparkSession) -> None:
    rows = [("app", "raw", "", 5), ("app", "clean", "", 4)]
    found = audit(spark.createDataFrame(rows, spark_schema(LEDGER)), LEDGER, SETTINGS, [DAY])
    assert [failure.expectation for failure in found.failures] == ["accounted_rows_equal_raw_rows"]
