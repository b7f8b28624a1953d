"""Rolling night by night and back-filling in one go must end in the same rows, at work and at rest."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from rolled import Arrival, Lake, daily_rows, day_number, rolled
from spark_properties import spark_property

from jobs.core.state_schemas import (
    CONTEXT_ITEM_REST,
    CONTEXT_ITEM_STATE,
    ITEM_REST,
    ITEM_STATE,
    USER_ITEM_REST,
    USER_ITEM_STATE,
    USER_REST,
    USER_STATE,
)
from jobs.features import context_popularity, item_popularity, user_activity, user_item_affinity
from jobs.features.measures import Window
from jobs.features.rolling_state import RollingState

STATE = user_activity.ROLLING
# The same state without its windows of 28 and 90 days, so that a few days bring keys to rest.
SHORT = replace(
    STATE,
    measures=tuple(
        replace(measure, days=min(measure.days, 5 if measure.days > 7 else 2))
        if isinstance(measure, Window)
        else measure
        for measure in STATE.measures
    ),
)


def value(lake: Lake, table: str, user: str, day: int, column: str) -> object:
    rows = {row[0]: row for row in getattr(lake, table)[day]}
    return rows[user][USER_STATE.column_names.index(column)]


def users(lake: Lake, table: str) -> dict[int, str]:
    """Users by day, where there are any."""
    found = getattr(lake, table)
    return {day: "".join(sorted(str(row[0]) for row in rows)) for day, rows in found.items() if rows}


@pytest.mark.parametrize("steps", [[(0, 8)], [(0, 5), (6, 6), (7, 7), (8, 8)]])
def test_by_hand(spark: SparkSession, steps: list[tuple[int, int]]) -> None:
    arrivals = [Arrival("u", 0, 4, 3), Arrival("u", 7, 2, 2), Arrival("v", 1, 1, 0)]
    lake = rolled(spark, STATE, daily_rows(spark, arrivals), steps, 90, 32)
    assert users(lake, "at_work") == {0: "u"} | {day: "uv" for day in range(1, 9)}
    assert users(lake, "at_rest") == {}

    def of_u(column: str, *days: int) -> list[object]:
        return [value(lake, "at_work", "u", day, column) for day in days]

    assert of_u("n_events_7d", 0, 6, 7, 8) == [4, 4, 2, 2]
    assert of_u("n_events_last", 6, 7, 8) == [4, 2, 2]
    assert of_u("n_events", 8) == [6]
    assert of_u("revenue_90d", 8) == [Decimal(5)]
    assert of_u("activity", 8) == [pytest.approx(4 * 2 ** (-7 / 14) + 2, abs=1e-6)]
    assert of_u("activity_day", 8) == [day_number(7)]
    assert of_u("country", 6, 8) == [None, "C2"]
    assert of_u("last_intent_day", 8) == [day_number(7)]
    assert [of_u(name, 8) for name in ("n_gaps", "gap_days", "gap_days_squared")] == [[1], [7], [49]]
    assert [of_u(name, 6, 8) for name in ("n_long_gaps", "n_days")] == [[0, 1], [1, 2]]
    assert of_u("log_revenue", 8) == [Decimal("1.3863") + Decimal("1.0986")]
    # Nothing was wanted at a price of 3, two things at a price of 2.
    assert [of_u(name, 6, 8) for name in ("n_wanted_items", "log_popularity")] == [[0, 2], [0, 4]]
    # The first of January 2025 is a Wednesday, and so is a week later.
    assert of_u("weekdays", 8) == [(0, 0, 6, 0, 0, 0, 0)]
    hours = [0] * 24
    hours[7], hours[4] = 4, 2
    assert of_u("hours", 8) == [tuple(hours)]


def test_what_comes_in_a_label_window_and_after_it_moves_no_feature_of_the_cut(spark: SparkSession) -> None:
    cut, before = 6, [Arrival("u", 0, 4, 3), Arrival("u", 5, 2, 2), Arrival("v", 1, 1, 0)]
    inside, after = [Arrival("u", 8, 9, 7), Arrival("v", 9, 3, late=4)], [Arrival("u", 16, 5), Arrival("w", 16, 1)]
    nights = rolled(spark, STATE, daily_rows(spark, before), [(0, cut)], 90, 32)
    # A back-fill is asked to be as blind as the night was, though the later rows lie before it.
    whole = rolled(spark, STATE, daily_rows(spark, [*before, *inside, *after]), [(0, 18)], 90, 32)
    assert whole.at_work[cut] == nights.at_work[cut]
    assert whole.at_work[10] != whole.at_work[cut]


@pytest.mark.parametrize(
    "steps",
    [
        [(0, 20)],
        [(0, 6), (7, 15), (16, 20)],
        pytest.param([(0, 3), *((day, day) for day in range(4, 17)), (17, 20)], marks=pytest.mark.long),
    ],
)
def test_a_user_rests_and_returns_as_if_never_away(spark: SparkSession, steps: list[tuple[int, int]]) -> None:
    arrivals = [Arrival("a", 0, 3), Arrival("a", 9, 2), Arrival("b", 2, 1), Arrival("c", 19, 1)]
    daily = daily_rows(spark, arrivals)
    lake = rolled(spark, SHORT, daily, steps, 6, 4)
    # a rests from day 6, returns on 9 and rests again from 15; b rests from 8; every fourth day holds all at rest.
    assert users(lake, "at_rest") == {6: "a", 8: "ab", 12: "b", 15: "a", 16: "ab", 20: "ab"}
    assert users(lake, "at_work") == {
        **{day: "a" for day in (0, 1)},
        **{day: "ab" for day in (2, 3, 4, 5)},
        **{day: "b" for day in (6, 7)},
        **{day: "a" for day in range(9, 15)},
        **{day: "c" for day in (19, 20)},
    }
    awake = rolled(spark, SHORT, daily, [(0, 20)], 90, 4)
    kept = {row for row in awake.at_work[14] if row[0] == "a"}
    assert kept == lake.at_work[14]
    assert {row for row in awake.at_work[20] if row[0] != "c"} == lake.at_rest[20]


ARRIVALS = st.lists(
    st.builds(
        Arrival,
        user=st.sampled_from("abcd"),
        day=st.integers(0, 40),
        events=st.integers(1, 9),
        price=st.integers(0, 9),
        late=st.integers(0, 2),
    ),
    min_size=3,
    max_size=25,
    unique_by=lambda one: (one.user, one.day, one.late),
)


@spark_property(often=9)
@given(
    arrivals=ARRIVALS,
    cuts=st.sets(st.integers(1, 40), min_size=1, max_size=3),
    rest_days=st.integers(5, 20),
    merge=st.integers(1, 9),
)
def test_nights_and_backfill_agree(
    spark: SparkSession, arrivals: list[Arrival], cuts: set[int], rest_days: int, merge: int
) -> None:
    daily = daily_rows(spark, arrivals).cache()
    # Each cut is a night of its own between two ranges.
    bounds = sorted({0, 41, *cuts, *(cut + 1 for cut in cuts)})
    steps = [(start, end - 1) for start, end in pairwise(bounds)]
    parts = rolled(spark, SHORT, daily, steps, rest_days, merge)
    whole = rolled(spark, SHORT, daily, [(0, 40)], rest_days, merge)
    assert parts.at_work == whole.at_work
    assert parts.at_rest == whole.at_rest


@spark_property(often=12)
@given(arrivals=ARRIVALS, rest_days=st.integers(5, 12))
def test_rest_changes_no_number(spark: SparkSession, arrivals: list[Arrival], rest_days: int) -> None:
    daily = daily_rows(spark, arrivals).cache()
    resting = rolled(spark, SHORT, daily, [(0, 40)], rest_days, 1)
    awake = rolled(spark, SHORT, daily, [(0, 40)], 90, 1)
    # With a merge every day, work and rest together are the state in which nobody ever rests.
    together = {day: resting.at_work[day] | resting.at_rest[day] for day in range(41)}
    assert together == awake.at_work


@pytest.mark.parametrize(
    ("state", "table", "rest"),
    [
        (user_activity.ROLLING, USER_STATE, USER_REST),
        (item_popularity.ROLLING, ITEM_STATE, ITEM_REST),
        (user_item_affinity.ROLLING, USER_ITEM_STATE, USER_ITEM_REST),
        (context_popularity.ROLLING, CONTEXT_ITEM_STATE, CONTEXT_ITEM_REST),
    ],
)
def test_every_column_has_its_measure(state: RollingState, table: object, rest: object) -> None:
    filled = {name for measure in state.measures for name in measure.columns}
    fields = [field.name for measure in state.measures for field in measure.fields]
    assert state.table is table
    assert state.rest_table is rest
    assert filled == set(state.columns)
    assert len(fields) == len(set(fields))


@pytest.mark.parametrize("state", [user_activity.ROLLING, item_popularity.ROLLING])
def test_what_decides_when_a_key_rests_shapes_the_state(state: RollingState) -> None:
    assert set(state.rest_after) <= set(state.table.shaped_by)
