"""Hours by the user's own clock, and the funnel, of a day's events."""

from datetime import date, datetime

import pytest
from app import DAY, app_settings, event_frame
from pyspark.sql import SparkSession

from jobs.core.habit_schemas import USER_HABITS_DAILY
from jobs.transforms.habits import build_user_habits_daily


def at(hour: int, minute: int = 0, **more: object) -> dict[str, object]:
    return {"event_type": "click", "event_time": datetime(2025, 3, 3, hour, minute), "time_zone": "UTC", **more}


def habits(
    spark: SparkSession, events: list[dict[str, object]], zone: str = "UTC"
) -> dict[object, dict[str, object]]:
    rows = build_user_habits_daily(event_frame(spark, events), app_settings(zone)).collect()
    assert all(set(row.asDict()) == {"run_date", *USER_HABITS_DAILY.column_names} for row in rows)
    return {(row["user_id"], row["local_day"]): row.asDict() for row in rows}


def hours(row: dict[str, object], kind: str = "visit") -> list[int]:
    counts = row[f"{kind}_hours"]
    assert isinstance(counts, list)
    assert len(counts) == 24
    return [hour for hour, count in enumerate(counts) if count]


def test_an_hour_counts_once_however_much_happens_in_it(spark: SparkSession) -> None:
    row = habits(spark, [at(9), at(9, 45), at(9, 50), at(13)])[("u", DAY)]

    assert hours(row) == [9, 13]
    assert row["visit_hours"][9] == 1
    assert row["run_date"] == DAY


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        ("Asia/Tokyo", date(2025, 3, 4), [5]),
        ("America/New_York", date(2025, 3, 3), [15]),
        ("Asia/Kolkata", date(2025, 3, 4), [2]),
        ("Pacific/Kiritimati", date(2025, 3, 4), [10]),
    ],
)
def test_hours_are_those_of_the_users_own_clock(
    spark: SparkSession, zone: str, day: date, expected: list[int]
) -> None:
    rows = habits(spark, [at(20, 40, time_zone=zone)])

    assert hours(rows[("u", day)]) == expected
    assert rows[("u", day)]["time_zone"] == zone


def test_early_hours_of_the_west_lie_on_the_day_before(spark: SparkSession) -> None:
    rows = habits(spark, [at(3, time_zone="America/New_York"), at(15, time_zone="America/New_York")])

    assert hours(rows[("u", date(2025, 3, 2))]) == [22]
    assert hours(rows[("u", DAY)]) == [10]


@pytest.mark.parametrize("zone", [None, "Mars/Olympus"])
def test_without_a_zone_that_exists_the_apps_counts(spark: SparkSession, zone: str | None) -> None:
    row = habits(spark, [at(20, time_zone=zone)], "Asia/Tokyo")[("u", date(2025, 3, 4))]

    assert hours(row) == [5]
    assert row["time_zone"] is None


def test_messages_are_no_visits_and_are_counted_beside_them(spark: SparkSession) -> None:
    sent = at(8, event_type="notification_sent", item_id=None)
    opened = at(10, event_type="notification_opened", item_id=None)
    row = habits(spark, [sent, opened, at(11)])[("u", DAY)]

    assert (hours(row), hours(row, "sent"), hours(row, "opened")) == ([11], [8], [10])


def test_the_funnel_is_summed_once_where_a_day_is_cut_in_two(spark: SparkSession) -> None:
    kinds = ["impression", "impression", "click", "add_to_cart", "purchase", "refund"]
    times = zip((2, 20, 21, 22, 23, 23), kinds, strict=True)
    events = [at(hour, event_type=kind, time_zone="Asia/Tokyo") for hour, kind in times]
    rows = habits(spark, events).values()

    steps = ("n_shown", "n_opened", "n_wanted", "n_bought")
    assert [sum(row[step] for row in rows) for step in steps] == [2, 1, 1, 1]


def test_anonymous_visitors_and_what_is_neither_visit_nor_message_leave_no_row(spark: SparkSession) -> None:
    assert habits(spark, [at(9, user_id=None), at(9, event_type="sign_in", item_id=None)]) == {}
