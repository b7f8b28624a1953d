"""Whose an id is: forwards, backwards within a visit, and never two users' at once."""

from datetime import date, datetime, timedelta

import pytest
from app import computed, event_frame
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession
from spark_properties import spark_property

from jobs.adapters.spark.types import spark_schema
from jobs.core.schemas import IDENTITIES
from jobs.transforms.identity import build_spans, resolve, with_users
from jobs.transforms.identity_state import build_identities, carry

FIRST = date(2025, 3, 3)
START = datetime(2025, 3, 3)
GAP, KEEP_DAYS = 30, 2
Seen = tuple[int, float, str | None, str | None, str | None, str]
Found = dict[str, tuple[str | None, str | None]]
Owners = dict[tuple[int, str, str], tuple[str, float]]


def hours(moment: datetime) -> float:
    return (moment - START).total_seconds() / 3600


def log(spark: SparkSession, seen: list[Seen]) -> DataFrame:
    """Events of (day of arrival, hour since the start, user, anonymous id, device, type); named by their place."""
    return event_frame(
        spark,
        [
            {
                "run_date": FIRST + timedelta(day),
                "event_id": str(number),
                "event_type": kind,
                "event_time": START + timedelta(hours=hour),
                "user_id": user,
                "anonymous_id": anonymous,
                "device_id": device,
            }
            for number, (day, hour, user, anonymous, device, kind) in enumerate(seen)
        ],
    ).drop("user_from")


def roll(spark: SparkSession, seen: list[Seen], steps: list[tuple[int, int]]) -> tuple[Found, Owners]:
    """Users of events and owners of ids, over ranges of day numbers, each from where the one before ended."""
    events = computed(log(spark, seen))
    before = spark.createDataFrame([], spark_schema(IDENTITIES))
    found: Found = {}
    owners: Owners = {}
    for first, last in (tuple(FIRST + timedelta(day) for day in step) for step in steps):
        arrived = events.filter(events.run_date.between(first, last))
        spans = computed(build_spans(arrived))
        states = computed(build_identities(arrived, spans, before, first, last, KEEP_DAYS))
        lookup = resolve(arrived, spans, carry(before, states, first, last), GAP)
        for row in with_users(arrived, computed(lookup)).collect():
            assert row["event_id"] not in found, "an event was doubled"
            found[row["event_id"]] = (row["user_id"], row["user_from"])
        rows = states.collect()
        for row in rows:
            key = ((row["run_date"] - FIRST).days, row["id_kind"], row["id"])
            assert key not in owners, "an id has two owners"
            owners[key] = (row["user_id"], hours(row["since"]))
        kept = [tuple(row[name] for name in IDENTITIES.column_names) for row in rows if row["run_date"] == last]
        before = spark.createDataFrame(kept, spark_schema(IDENTITIES))
    return found, owners


def by_hour(seen: list[Seen], found: Found) -> list[str | None]:
    assert len(found) == len(seen)
    return [found[str(number)][0] for number in range(len(seen))]


def test_sign_in_joins_backwards_within_the_visit_and_forwards_after_it(spark: SparkSession) -> None:
    seen: list[Seen] = [
        (0, 8.0, None, "x", None, "view"),
        (0, 9.5, None, "x", None, "view"),
        (0, 10.0, None, "x", None, "view"),
        (0, 10.5, "ann", "x", "d", "sign_in"),
        (0, 23.0, None, "x", None, "view"),
        (1, 30.0, None, "x", None, "view"),
        (1, 30.0, None, None, "d", "view"),
        (1, 31.0, None, "y", "d", "view"),
        (1, 32.0, "ann", None, None, "view"),
    ]
    found, owners = roll(spark, seen, [(0, 1)])
    assert by_hour(seen, found) == [None, "ann", "ann", "ann", "ann", "ann", "ann", None, "ann"]
    assert found["1"][1] == "anonymous_id"
    assert found["6"] == ("ann", "device_id")
    assert found["3"][1] == found["8"][1] == "row"
    assert found["0"] == (None, None)
    assert owners[0, "anonymous_id", "x"] == owners[1, "device_id", "d"] == ("ann", 10.5)


def test_a_shared_id_goes_from_one_user_to_the_next(spark: SparkSession) -> None:
    seen: list[Seen] = [
        (0, 1.0, "ann", "x", None, "sign_in"),
        (0, 2.0, None, "x", None, "view"),
        (0, 3.0, "bob", "x", None, "sign_in"),
        (0, 4.0, None, "x", None, "view"),
        # The visit before a sign-in of another than the known user may be of either.
        (1, 25.0, None, "x", None, "view"),
        (1, 26.75, None, "x", None, "view"),
        (1, 27.0, "ann", "x", None, "sign_in"),
        (1, 28.0, None, "x", None, "view"),
    ]
    found, owners = roll(spark, seen, [(0, 1)])
    assert by_hour(seen, found) == ["ann", "ann", "bob", "bob", "bob", None, "ann", "ann"]
    assert (owners[0, "anonymous_id", "x"], owners[1, "anonymous_id", "x"]) == (("bob", 3.0), ("ann", 27.0))


def test_users_in_turns_leave_what_is_between_them_to_nobody(spark: SparkSession) -> None:
    turns = [
        (1.0, "ann"),
        (2.0, None),
        (3.0, "bob"),
        (4.0, None),
        (5.0, "ann"),
        (6.0, None),
        (7.0, "bob"),
        (8.0, None),
    ]
    seen: list[Seen] = [(0, hour, user, "x", None, "view") for hour, user in turns]
    same: list[Seen] = [
        (0, 1.0, "ann", "z", None, "view"),
        (0, 1.0, "bob", "z", None, "view"),
        (0, 2.0, None, "z", None, "view"),
    ]
    found, owners = roll(spark, [*seen, *same], [(0, 0)])
    users = by_hour([*seen, *same], found)
    assert users[:8] == ["ann", "ann", "bob", None, "ann", None, "bob", "bob"]
    assert users[8:] == ["ann", "bob", None]
    assert owners == {(0, "anonymous_id", "x"): ("bob", 7.0)}


def test_late_events_do_not_move_what_was_known_later(spark: SparkSession) -> None:
    seen: list[Seen] = [
        (0, 10.0, "ann", "x", None, "sign_in"),
        (1, 8.0, "bob", "x", None, "sign_in"),
        (1, 9.0, None, "x", None, "view"),
        (1, 26.0, None, "x", None, "view"),
        (1, 7.0, None, "x", None, "view"),
        (2, 9.0, None, "x", None, "view"),
    ]
    found, owners = roll(spark, seen, [(0, 2)])
    assert by_hour(seen, found) == ["ann", "bob", "bob", "ann", None, None]
    assert {owner for owner, _ in owners.values()} == {"ann"}


def test_devices_are_kept_where_someone_signed_in_and_forgotten_when_unused(spark: SparkSession) -> None:
    quiet: list[Seen] = [(0, 1.0, "ann", None, "d", "view"), (0, 1.0, "bob", None, "e", "sign_up")]
    _, owners = roll(spark, quiet, [(0, 4)])
    assert {(day, name) for day, _, name in owners} == {(0, "e"), (1, "e"), (2, "e")}
    # A stranger without a name changes nothing for the others.
    seen: list[Seen] = [
        *quiet,
        (0, 2.0, None, None, "f", "view"),
        (2, 50.0, None, None, "d", "view"),
        (2, 50.0, None, None, "e", "view"),
    ]
    found, owners = roll(spark, seen, [(0, 4)])
    assert (found["3"], found["4"]) == ((None, None), ("bob", "device_id"))
    assert {(day, name) for day, _, name in owners} == {(day, "e") for day in range(5)}


def test_an_id_of_the_other_kind_is_another_id(spark: SparkSession) -> None:
    seen: list[Seen] = [(0, 1.0, "ann", "x", None, "sign_in"), (0, 2.0, None, None, "x", "view")]
    found, _ = roll(spark, seen, [(0, 0)])
    assert found["1"] == (None, None)


@st.composite
def logs(draw: st.DrawFn, lateness: tuple[int, ...]) -> list[Seen]:
    """Five days of few users on few ids; some events arrive some days late."""
    seen: list[Seen] = []
    for _ in range(draw(st.integers(30, 60))):
        day, late = draw(st.integers(0, 4)), draw(st.sampled_from(lateness))
        hour = 24 * max(day - late, 0) + draw(st.integers(0, 95)) / 4
        user = draw(st.sampled_from([None, None, "ann", "bob"]))
        anonymous = draw(st.sampled_from([None, "x", "y", "z"]))
        device = draw(st.sampled_from(["d", "e", "f"]))
        seen.append((day, hour, user, anonymous, device, draw(st.sampled_from(["view", "sign_in"]))))
    return seen


PROPERTY = spark_property(often=6)


@pytest.mark.long
@PROPERTY
@given(seen=logs(lateness=(0, 0, 0, 1, 2)))
def test_nights_one_by_one_and_a_range_agree(spark: SparkSession, seen: list[Seen]) -> None:
    told = roll(spark, seen, [(0, 4)])
    assert roll(spark, seen, [(day, day) for day in range(5)]) == told
    assert roll(spark, seen[::-1], [(0, 1), (2, 4)])[1] == told[1]


@pytest.mark.slow
@PROPERTY
@given(seen=logs(lateness=(0,)))
def test_an_event_joins_a_neighbour_of_its_id_and_no_one_else(spark: SparkSession, seen: list[Seen]) -> None:
    found, _ = roll(spark, seen, [(0, 4)])
    for number, each in enumerate(seen):
        user, origin = found[str(number)]
        if each[2] is not None:
            assert (user, origin) == (each[2], "row")
        elif user is not None:
            assert user in _neighbours(seen, each)


def _neighbours(seen: list[Seen], nameless: Seen) -> set[str | None]:
    """Who was seen with the id at the last moment before an event, and at the next one of its day."""
    place = 3 if nameless[3] else 4
    same = [each for each in seen if each[2] and each[0] <= nameless[0] and each[place] == nameless[place]]
    before = max((each[1] for each in same if each[1] <= nameless[1]), default=None)
    after = min((each[1] for each in same if each[1] > nameless[1]), default=None)
    return {each[2] for each in same if each[1] in (before, after)}
