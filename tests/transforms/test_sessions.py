"""Visits end where nothing happened for a while, and go on over midnight."""

from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from app import computed, event_frame
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from spark_properties import spark_property

from jobs.adapters.spark.types import contract, spark_schema
from jobs.core.schemas import OPEN_VISITS, SESSIONS
from jobs.transforms.sessions import build_open_visits, build_sessions, build_visits, with_session_id

FIRST = date(2025, 3, 3)
START = datetime(2025, 3, 3)
GAP = 30
Moment = tuple[int, float, str]
Sessions = dict[tuple[int, str], tuple[str | None, float, float, bool, int]]


def minutes(moment: datetime) -> float:
    return (moment - START).total_seconds() / 60


def log(spark: SparkSession, moments: list[Moment], **columns: object) -> DataFrame:
    """Events of (day of arrival, minute since the start, user); named by their place."""
    return event_frame(
        spark,
        [
            {
                "run_date": FIRST + timedelta(day),
                "event_id": str(number),
                "event_time": START + timedelta(minutes=minute),
                "user_id": user,
                **columns,
            }
            for number, (day, minute, user) in enumerate(moments)
        ],
    ).drop("session_id")


def roll(
    spark: SparkSession, events: DataFrame, steps: list[tuple[int, int]], zone: str = "UTC"
) -> tuple[dict[str, str], Sessions, set[tuple[object, ...]]]:
    """Session ids of events, sessions and open visits, over ranges of day numbers, one after the other."""
    before = spark.createDataFrame([], spark_schema(OPEN_VISITS))
    ids: dict[str, str] = {}
    sessions: Sessions = {}
    still_open: set[tuple[object, ...]] = set()
    for first, last in (tuple(FIRST + timedelta(day) for day in step) for step in steps):
        arrived = events.filter(events.run_date.between(first, last))
        visits = computed(build_visits(arrived, before, GAP, zone, first))
        rows = with_session_id(arrived, visits).collect()
        assert len({row["event_id"] for row in rows}) == len(rows)
        ids |= {row["event_id"]: row["session_id"] for row in rows}
        for row in build_sessions(visits).selectExpr(*contract(SESSIONS)).collect():
            key = ((row["run_date"] - FIRST).days, row["session_id"])
            assert key not in sessions, "a visit was told twice"
            times = (minutes(row["started_at"]), minutes(row["ended_at"]))
            sessions[key] = (row["user_id"], *times, row["is_continued"], row["n_events"])
        rows = build_open_visits(visits, GAP, zone).selectExpr(*contract(OPEN_VISITS)).collect()
        still_open |= {tuple(row) for row in rows}
        kept = [tuple(row)[1:] for row in rows if row["run_date"] == last]
        before = spark.createDataFrame(kept, spark_schema(OPEN_VISITS))
    return ids, sessions, still_open


def test_a_visit_ends_after_the_gap(spark: SparkSession) -> None:
    moments = [(0, 600.0, "u"), (0, 630.0, "u"), (0, 660.0, "u"), (0, 690 + 1 / 60, "u"), (0, 605.0, "v")]
    ids, sessions, still_open = roll(spark, log(spark, moments), [(0, 0)])
    assert ids["0"] == ids["1"] == ids["2"]
    assert len({ids[name] for name in "034"}) == 3
    assert sessions[0, ids["0"]] == ("u", 600, 660, False, 3)
    assert not still_open
    assert all(len(name) == 16 for name in ids.values())


def test_visitors_are_told_by_their_first_id_and_its_kind(spark: SparkSession) -> None:
    shape = [
        ("u", "a", "d"),
        (None, "a", "d"),
        (None, "a", None),
        (None, None, "d"),
        (None, None, "u"),
        ("u", None, None),
    ]
    rows = [
        {"event_id": str(number), "event_time": START, "run_date": FIRST}
        | dict(zip(("user_id", "anonymous_id", "device_id"), ids, strict=True))
        for number, ids in enumerate(shape)
    ]
    ids, sessions, _ = roll(spark, event_frame(spark, rows).drop("session_id"), [(0, 0)])
    assert ids["0"] == ids["5"]
    assert ids["1"] == ids["2"]
    assert len({ids[name] for name in "0134"}) == 4
    assert sessions[0, ids["1"]][0] is None


@pytest.mark.parametrize("steps", [[(0, 2)], [(0, 0), (1, 1), (2, 2)]])
def test_a_visit_goes_on_over_midnights(spark: SparkSession, steps: list[tuple[int, int]]) -> None:
    all_day = [(1, 1440.0 + step * 30, "u") for step in range(48)]
    moments = [(0, 1430.0, "u"), *all_day, (2, 2880.0, "u"), (2, 3000.0, "u"), (1, 1200.0, "u"), (0, 1439.0, "v")]
    ids, sessions, still_open = roll(spark, log(spark, moments), steps)
    assert ids["0"] == ids["1"] == ids["48"] == ids["49"]
    assert sessions[1, ids["0"]] == ("u", 1430, 2850, True, 48)
    assert sessions[2, ids["0"]] == ("u", 1430, 2880, True, 1)
    assert sessions[2, ids["50"]] == ("u", 3000, 3000, False, 1)
    # What came late is a visit of its own.
    assert sessions[1, ids["51"]] == ("u", 1200, 1200, False, 1)
    assert sorted((row[0] - FIRST).days for row in still_open) == [0, 0, 1]


def test_a_late_copy_of_a_visit_s_first_moment_does_not_take_its_name(spark: SparkSession) -> None:
    moments = [
        (0, 1420.0, "u"),
        (0, 1439.0, "u"),
        (1, 1420.0, "u"),
        (1, 1460.0, "u"),
        (1, 2000.0, "u"),
        (2, 2000.0, "u"),
    ]
    ids, sessions, _ = roll(spark, log(spark, moments), [(0, 2)])
    assert ids["0"] == ids["3"] != ids["2"]
    assert ids["4"] != ids["5"]
    assert len(sessions) == 5


def test_midnight_is_the_app_s(spark: SparkSession) -> None:
    moments = [(0, 1430 + 300.0, "u"), (1, 1445 + 300.0, "u"), (0, 1430.0, "v")]
    ids, _, still_open = roll(spark, log(spark, moments), [(0, 0), (1, 1)], zone="America/New_York")
    assert ids["0"] == ids["1"]
    assert len(still_open) == 1


@spark_property(often=9)
@given(
    moments=st.lists(
        st.builds(
            lambda day, late, quarter, user: (day, 1440.0 * max(day - late, 0) + quarter * 15.0, user),
            st.integers(0, 3),
            st.sampled_from([0, 0, 0, 1, 2]),
            st.sampled_from([*range(96), *[0, 1, 2, 93, 94, 95] * 20]),
            st.sampled_from("abc"),
        ),
        min_size=20,
        max_size=80,
    )
)
def test_nights_one_by_one_and_a_range_agree(spark: SparkSession, moments: list[Moment]) -> None:
    events = computed(log(spark, moments))
    told = roll(spark, events, [(0, 3)])
    assert roll(spark, events, [(day, day) for day in range(4)]) == told
    assert roll(spark, events, [(0, 1), (2, 3)]) == told
    ids, sessions, _ = told
    assert None not in ids.values()
    assert sum(row[-1] for row in sessions.values()) == len(moments)
    _check_pauses(moments, ids)


def _check_pauses(moments: list[Moment], ids: dict[str, str]) -> None:
    """Of one user's events of one run date, neighbours are one visit exactly if the pause is short."""
    ordered = sorted((day, user, minute, ids[str(number)]) for number, (day, minute, user) in enumerate(moments))
    for left, right in pairwise(ordered):
        if left[:2] == right[:2]:
            assert (left[3] == right[3]) == (right[2] - left[2] <= GAP)
