"""Rolling night by night and back-filling in one go must end in the same rows."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from jobs.adapters.spark.types import RUN_DATE, contract, spark_schema
from jobs.core.schemas import CONTEXT_ITEM_STATE, ITEM_STATE, USER_DAILY, USER_ITEM_STATE, USER_STATE
from jobs.features import context_popularity, item_popularity, user_activity, user_item_affinity
from jobs.features.rolling import RollingState, roll_forward

FIRST = date(2025, 1, 1)
HALF_LIVES = {
    "features.user_half_life_days": 14,
    "features.item_half_life_days": 7,
    "features.affinity_half_life_days": 30,
}
DAILY_SCHEMA = "run_date date, " + ", ".join(
    f"{column.name} {column.type.replace('long', 'bigint')}" for column in USER_DAILY.columns
)


def daily_rows(spark: SparkSession, rows: list[tuple[str, int, int, int]]) -> DataFrame:
    """Rows of (user, day number, events, price): what arrived that day."""
    full = [
        (
            FIRST + timedelta(day),
            user,
            FIRST + timedelta(day),
            events,
            events // 2,
            1,
            1,
            Decimal(price),
            None if price % 2 else "GB",
            "web",
            None,
        )
        for user, day, events, price in rows
    ]
    frame = spark.createDataFrame(full, DAILY_SCHEMA)
    return frame.selectExpr(
        "*",
        "1L AS n_active_days",
        "event_day AS first_day",
        "CASE WHEN n_intents > 0 THEN event_day END AS intent_day",
    )


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(number) for number in range((last - first).days + 1)]


def roll(spark: SparkSession, daily: DataFrame, steps: list[tuple[int, int]]) -> set[tuple[object, ...]]:
    """Roll `user_state` over some ranges of day numbers, each from where the one before ended."""
    state = user_activity.ROLLING
    before = spark.createDataFrame([], spark_schema(state.table))
    seen: set[tuple[object, ...]] = set()
    for start, end in steps:
        first, last = FIRST + timedelta(start), FIRST + timedelta(end)
        # What a night reads: its own days, and those that leave a window within them.
        needed = {day - timedelta(length) for day in days(first, last) for length in (0, *state.window_lengths)}
        part = daily.filter(daily.run_date.isin(sorted(needed)))
        rolled = roll_forward(state, before, part, first, last, HALF_LIVES).selectExpr(*contract(state.table))
        rows = rolled.collect()
        seen |= {tuple(row) for row in rows}
        kept = [row[1:] for row in rows if row[RUN_DATE] == last]
        before = spark.createDataFrame(kept, spark_schema(state.table))
    return seen


def test_one_night_by_hand(spark: SparkSession) -> None:
    daily = daily_rows(spark, [("u", 0, 4, 3), ("u", 7, 2, 2), ("v", 1, 1, 0)])
    rows = {(row[0], row[1]): row for row in roll(spark, daily, [(0, 8)])}

    def value(user: str, day: int, column: str) -> object:
        position = 1 + USER_STATE.column_names.index(column)
        return rows[FIRST + timedelta(day), user][position]

    assert "v" not in [user for day, user in rows if day == FIRST]
    assert len(rows) == 9 + 8
    assert [value("u", day, "n_events_7d") for day in (0, 6, 7, 8)] == [4, 4, 2, 2]
    assert value("u", 8, "n_events") == 6
    assert value("u", 8, "revenue_90d") == Decimal(5)
    assert value("u", 8, "activity") == pytest.approx(4 * 2 ** (-7 / 14) + 2, abs=1e-6)
    assert value("u", 8, "activity_day") == FIRST + timedelta(7)
    assert [value("u", day, "country") for day in (6, 8)] == [None, "GB"]
    assert value("u", 8, "last_intent_day") == FIRST + timedelta(7)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 40), st.integers(1, 9), st.integers(0, 9)),
        min_size=5,
        max_size=30,
        unique_by=lambda row: row[:2],
    ),
    cuts=st.sets(st.integers(1, 40), max_size=4),
)
def test_nights_and_backfill_agree(
    spark: SparkSession, rows: list[tuple[str, int, int, int]], cuts: set[int]
) -> None:
    daily = daily_rows(spark, rows).cache()
    bounds = [0, *sorted(cuts), 41]
    steps = [(start, end - 1) for start, end in pairwise(bounds)]
    assert roll(spark, daily, steps) == roll(spark, daily, [(0, 40)])


@pytest.mark.parametrize(
    ("state", "table"),
    [
        (user_activity.ROLLING, USER_STATE),
        (item_popularity.ROLLING, ITEM_STATE),
        (user_item_affinity.ROLLING, USER_ITEM_STATE),
        (context_popularity.ROLLING, CONTEXT_ITEM_STATE),
    ],
)
def test_every_column_has_its_measure(state: RollingState, table: object) -> None:
    filled = {measure.column for measure in state.measures}
    filled |= {measure.as_of for measure in state.measures if hasattr(measure, "as_of")}
    assert state.table is table
    assert filled == set(state.table.column_names) - set(state.table.grain)
