"""Who opted out, came back, or asked to be deleted."""

from datetime import date, datetime, timedelta

from app import event_frame
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from spark_properties import spark_property

from jobs.adapters.spark.types import spark_schema
from jobs.core.schemas import USER_STATUS
from jobs.transforms.user_status import STATUS_OF, build_user_status

FIRST = date(2025, 3, 3)
Told = tuple[int, str, str, int]
Status = dict[tuple[int, str], tuple[str, int]]


def roll(spark: SparkSession, told: list[Told], steps: list[tuple[int, int]]) -> Status:
    """Status by day and user, from (day of arrival, user, event type, hour since the start)."""
    start = datetime(2025, 3, 3)
    events = event_frame(
        spark,
        [
            {
                "run_date": FIRST + timedelta(day),
                "user_id": user,
                "event_type": kind,
                "event_time": start + timedelta(hours=hour),
            }
            for day, user, kind, hour in told
        ],
    )
    before = spark.createDataFrame([], spark_schema(USER_STATUS))
    found: Status = {}
    for first, last in (tuple(FIRST + timedelta(day) for day in step) for step in steps):
        arrived = events.filter(events.run_date.between(first, last))
        rows = build_user_status(before, arrived, first, last).collect()
        for row in rows:
            hour = int((row["since"] - start).total_seconds() // 3600)
            found[(row["run_date"] - FIRST).days, row["user_id"]] = (row["status"], hour)
        kept = [(row["user_id"], row["status"], row["since"]) for row in rows if row["run_date"] == last]
        before = spark.createDataFrame(kept, spark_schema(USER_STATUS))
    return found


def test_the_latest_word_counts_and_a_deletion_stays(spark: SparkSession) -> None:
    told = [
        (0, "back", "opt_out", 1),
        (1, "back", "opt_in", 30),
        (0, "late", "opt_out", 5),
        (1, "late", "opt_in", 4),
        (0, "gone", "deletion_request", 3),
        (1, "gone", "opt_in", 26),
        (2, "gone", "deletion_request", 50),
        (0, "looks", "view", 1),
        (0, None, "opt_out", 1),
        (1, "new", "opt_in", 30),
    ]
    assert roll(spark, told, [(0, 2)]) == {
        (0, "back"): ("opted_out", 1),
        (1, "back"): ("active", 30),
        (2, "back"): ("active", 30),
        (0, "late"): ("opted_out", 5),
        (1, "late"): ("opted_out", 5),
        (2, "late"): ("opted_out", 5),
        (0, "gone"): ("deleted", 3),
        (1, "gone"): ("deleted", 3),
        (2, "gone"): ("deleted", 3),
        (1, "new"): ("active", 30),
        (2, "new"): ("active", 30),
    }


def test_at_the_same_moment_the_opt_out_wins(spark: SparkSession) -> None:
    told = [(0, "u", "opt_in", 1), (0, "u", "opt_out", 1)]
    assert roll(spark, told, [(0, 0)]) == {(0, "u"): ("opted_out", 1)}


@spark_property(often=6)
@given(
    told=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from("ab"), st.sampled_from(sorted(STATUS_OF)), st.integers(0, 99)),
        max_size=12,
    )
)
def test_nights_one_by_one_and_a_range_agree(spark: SparkSession, told: list[Told]) -> None:
    assert roll(spark, told, [(day, day) for day in range(4)]) == roll(spark, told, [(0, 3)])
