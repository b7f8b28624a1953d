"""What arrived on a day, added up by hand."""

from datetime import date
from decimal import Decimal

from app import DAY, app_settings, event_frame
from pyspark.sql import DataFrame, SparkSession

from jobs.transforms import aggregates

YESTERDAY = date(2025, 3, 2)
PLACED = {"country": "GB", "platform": "web"}
EVENTS = [
    {"event_type": "view", "price": Decimal("2.50"), **PLACED},
    {"event_type": "purchase", "price": Decimal("2.50"), "quantity": 4, **PLACED},
    {"event_type": "purchase", "price": Decimal("1.25"), "quantity": None, "item_id": "j", **PLACED},
    {"event_type": "cancel", "price": Decimal("2.50"), "quantity": 3, "session_id": "t", "country": "FR"},
    {"event_type": "view", "event_day": YESTERDAY, "country": None},
    {"event_type": "click", "user_id": None, "anonymous_id": "a", **PLACED},
    {"event_type": "search", "item_id": None, **PLACED},
    {"event_type": "skip", "user_id": "v", **PLACED},
]


def measured(spark: SparkSession) -> DataFrame:
    return aggregates.with_measures(event_frame(spark, EVENTS), app_settings().events)


def values(frame: DataFrame, *columns: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in frame.select(*columns).collect()}


def test_users_without_the_anonymous(spark: SparkSession) -> None:
    daily = aggregates.build_user_daily(measured(spark))
    counts = ("n_events", "n_intents", "n_purchases", "n_sessions", "revenue", "country", "platform")
    assert values(daily, "run_date", "user_id", "event_day", *counts) == {
        # 4 x 2.50 + 1 x 1.25 - 3 x 2.50; two purchases less a cancellation; the search comes last.
        (DAY, "u", DAY, 5, 3, 1, 2, Decimal("3.7500"), "GB", "web"),
        (DAY, "u", YESTERDAY, 1, 0, 0, 1, Decimal("0.0000"), None, None),
        (DAY, "v", DAY, 1, 0, 0, 1, Decimal("0.0000"), "GB", "web"),
    }


def test_the_last_known_place_passes_over_nulls(spark: SparkSession) -> None:
    events = [{"country": "GB", "platform": "web"}, {"country": "FR", "platform": None}, {"country": None}]
    daily = aggregates.build_user_daily(aggregates.with_measures(event_frame(spark, events), app_settings().events))
    assert values(daily, "country", "platform") == {("FR", "web")}


def test_items_with_the_anonymous(spark: SparkSession) -> None:
    daily = aggregates.build_item_daily(measured(spark))
    # i: views 2 x 1, purchase 5, cancel -5, click 1.5, skip -0.5
    assert values(daily, "item_id", "n_events", "n_purchases", "n_users", "weight", "price") == {
        ("i", 6, 0, 2, Decimal("3.0000"), Decimal("2.5000")),
        ("j", 1, 1, 1, Decimal("5.0000"), Decimal("1.2500")),
    }


def test_pairs_by_the_day_of_the_event(spark: SparkSession) -> None:
    daily = aggregates.build_user_item_daily(measured(spark))
    assert values(daily, "user_id", "item_id", "event_day", "n_events", "n_purchases", "weight") == {
        ("u", "i", DAY, 3, 0, Decimal("1.0000")),
        ("u", "i", YESTERDAY, 1, 0, Decimal("1.0000")),
        ("u", "j", DAY, 1, 1, Decimal("5.0000")),
        ("v", "i", DAY, 1, 0, Decimal("-0.5000")),
    }


def test_contexts_count_the_anonymous_and_every_rung(spark: SparkSession) -> None:
    daily = aggregates.build_context_item_daily(measured(spark))
    weight = {(row["context"], row["item_id"]): row["weight"] for row in daily.collect()}
    assert weight["GB|web|*", "i"] == Decimal("7.0000")
    assert weight["GB|web|*", "j"] == Decimal("5.0000")
    assert all(item is not None for _, item in weight)
