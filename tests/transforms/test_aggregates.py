"""What arrived on a day, added up by hand."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from math import log

import pytest
from app import DAY, app_settings, event_frame
from pyspark.sql import DataFrame, SparkSession

from jobs.features.histogram import n_packed, pack, unpack
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


SESSIONS_SCHEMA = "run_date date, user_id string, started_at timestamp, is_continued boolean"


def measured(spark: SparkSession, events: list[dict[str, object]] = EVENTS, zone: str = "UTC") -> DataFrame:
    return aggregates.with_measures(event_frame(spark, events), app_settings(zone))


def visits(spark: SparkSession, *rows: tuple[str | None, datetime, bool]) -> DataFrame:
    """Visits of users: who, since when, and whether it went on from another run date."""
    return spark.createDataFrame([(DAY, *row) for row in rows], SESSIONS_SCHEMA)


def users(spark: SparkSession, events: list[dict[str, object]], zone: str = "UTC") -> DataFrame:
    return aggregates.build_user_daily(measured(spark, events, zone), visits(spark), app_settings(zone))


def values(frame: DataFrame, *columns: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in frame.select(*columns).collect()}


def test_users_without_the_anonymous(spark: SparkSession) -> None:
    noon, late = datetime(2025, 3, 3, 12), datetime(2025, 3, 2, 23, 50)
    sessions = visits(
        spark, ("u", noon, False), ("u", noon, False), ("u", late, False), ("v", late, True), (None, noon, False)
    )
    daily = aggregates.build_user_daily(measured(spark), sessions, app_settings())
    counts = ("n_events", "n_intents", "n_purchases", "n_sessions", "revenue", "country", "platform")
    assert values(daily, "run_date", "user_id", "event_day", *counts) == {
        # 4 x 2.50 + 1 x 1.25 - 3 x 2.50; two purchases less a cancellation; the search comes last.
        (DAY, "u", DAY, 5, 3, 1, 2, Decimal("3.7500"), "GB", "web"),
        (DAY, "u", YESTERDAY, 1, 0, 0, 1, Decimal("0.0000"), None, None),
        # The visit of v went on from the day before, where it was counted.
        (DAY, "v", DAY, 1, 0, 0, 0, Decimal("0.0000"), "GB", "web"),
    }


def test_goals_and_goodbyes_of_the_configuration(spark: SparkSession) -> None:
    settings = app_settings()
    conversion = settings.predictions.conversion.model_copy(update={"goal": "like"})
    events = settings.events.model_copy(update={"goodbyes": ("uninstall",)})
    changed = {"events": events, "predictions": settings.predictions.model_copy(update={"conversion": conversion})}
    settings = settings.model_copy(update=changed)
    told = [{"event_type": name} for name in ("like", "like", "purchase", "uninstall", "unsubscribe")]
    measured = aggregates.with_measures(event_frame(spark, told), settings)
    daily = aggregates.build_user_daily(measured, visits(spark), settings)
    assert values(daily, "n_events", "n_purchases", "n_goals", "n_goodbyes") == {(5, 1, 2, 1)}


def test_the_last_known_place_passes_over_nulls(spark: SparkSession) -> None:
    events = [{"country": "GB", "platform": "web"}, {"country": "FR", "platform": None}, {"country": None}]
    assert values(users(spark, events), "country", "platform") == {("FR", "web")}


def test_hours_are_those_of_the_app(spark: SparkSession) -> None:
    events = [{"event_time": datetime(2025, 3, 3, hour, 30)} for hour in (0, 0, 10, 23)]
    (row,) = users(spark, events, "Asia/Tokyo").collect()
    expected = [0] * 24
    expected[9], expected[19], expected[8] = 2, 1, 1
    assert row["hours"] == expected


def test_prices_of_what_was_wanted(spark: SparkSession) -> None:
    events = [
        {"event_type": "purchase", "price": Decimal("20.0000"), "quantity": 9},
        {"event_type": "add_to_cart", "price": Decimal("5.0000")},
        {"event_type": "view", "price": Decimal("1000.0000")},
        {"event_type": "purchase", "price": None},
        {"event_type": "refund", "price": Decimal("20.0000")},
    ]
    (row,) = users(spark, events).collect()
    assert row["wanted"] == Decimal(8)
    assert float(row["wanted_log_price"]) == pytest.approx(5 * log(20) + 3 * log(5), abs=2e-4)
    assert float(row["wanted_log_price_squared"]) == pytest.approx(5 * log(20) ** 2 + 3 * log(5) ** 2, abs=2e-4)


def test_items_with_the_anonymous(spark: SparkSession) -> None:
    pairs = aggregates.build_user_item_daily(measured(spark))
    daily = aggregates.build_item_daily(aggregates.build_item_places(measured(spark)), pairs)
    # i: views 2 x 1, purchase 5, cancel -5, click 1.5, skip -0.5; revenue 4 x 2.50 - 3 x 2.50
    assert values(daily, "item_id", "n_events", "n_purchases", "n_users", "weight", "revenue", "price") == {
        ("i", 6, 0, 2, Decimal("3.0000"), Decimal("2.5000"), Decimal("2.5000")),
        ("j", 1, 1, 1, Decimal("5.0000"), Decimal("1.2500"), Decimal("1.2500")),
    }


def test_pairs_by_the_day_of_the_event(spark: SparkSession) -> None:
    daily = aggregates.build_user_item_daily(measured(spark))
    assert values(daily, "user_id", "item_id", "event_day", "n_events", "n_purchases", "weight") == {
        ("u", "i", DAY, 3, 0, Decimal("1.0000")),
        ("u", "i", YESTERDAY, 1, 0, Decimal("1.0000")),
        ("u", "j", DAY, 1, 1, Decimal("5.0000")),
        ("v", "i", DAY, 1, 0, Decimal("-0.5000")),
    }


def test_pairs_count_the_steps_of_the_funnel_and_keep_their_order(spark: SparkSession) -> None:
    morning = datetime(2025, 3, 3, 8, 15)
    types = ("impression", "impression", "click", "view", "add_to_cart", "purchase")
    events = [{"event_type": name, "event_time": morning + timedelta(minutes=n)} for n, name in enumerate(types)]
    (row,) = aggregates.build_user_item_daily(measured(spark, [*events[1:], events[0]])).collect()
    assert [row[name] for name in ("n_shown", "n_opened", "n_wanted", "n_purchases", "n_events")] == [2, 1, 1, 1, 6]
    assert row["first_event_time"] == morning


def test_contexts_count_the_anonymous_and_every_rung(spark: SparkSession) -> None:
    daily = aggregates.build_context_item_daily(aggregates.build_item_places(measured(spark)))
    weight = {(row["context"], row["item_id"]): row["weight"] for row in daily.collect()}
    assert weight["GB|web|*", "i"] == Decimal("7.0000")
    assert weight["GB|web|*", "j"] == Decimal("5.0000")
    assert all(item is not None for _, item in weight)


@pytest.mark.parametrize("name", ["user_item_daily", "item_places"])
def test_events_are_hashed_and_not_sorted(spark: SparkSession, name: str) -> None:
    plan = getattr(aggregates, f"build_{name}")(measured(spark))._jdf.queryExecution().executedPlan().toString()
    assert "HashAggregate" in plan
    assert "SortAggregate" not in plan
    assert "ObjectHashAggregate" not in plan


def test_a_histogram_packs_and_unpacks(spark: SparkSession) -> None:
    counts = [0, 1, 2_000_000, 7, 0, 2_000_000, 5]
    packed = pack([f"{count}L" for count in counts])
    assert len(packed) == n_packed(7) == 3
    row = spark.range(1).selectExpr(f"array({', '.join(unpack(packed, 7))}) AS counts").first()
    assert row is not None
    assert row["counts"] == counts
