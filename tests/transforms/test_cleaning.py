"""Every raw row ends in exactly one place."""

import json
import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import reduce

import pytest
from app import DAY, GOOD, app_settings, computed, line, raw_frame
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession
from spark_properties import spark_property

from jobs.core.config import Settings
from jobs.transforms.cleaning import clean_rows, count_rows, judge, place
from jobs.transforms.quarantine import build_quarantine

APP = app_settings(zone="Europe/London", not_products="^(POST|gift_.*)$", max_late_days=2)

REFUSED = {
    "unparsable": ['{"id": "e1"', "a,b", line() + line(id="e2")],
    "unknown_event_type": [line(type=None), line(type="Viewed"), line(type="")],
    "missing_time": [line(ts=None), line(ts=" ")],
    "bad_time": [line(ts="yesterday"), line(ts="2025-02-30T10:00:00Z"), line(ts="10:30")],
    "from_the_future": [line(ts="2025-03-04T00:00:00Z"), line(ts="2030-01-01")],
    "too_late": [line(ts="2025-02-28T23:59:59Z")],
    "missing_visitor": [line(user=None), line(user=" ")],
    "missing_item": [line(item=None), line(item="", type="purchase", price=1)],
    "not_a_product": [line(item="POST"), line(item="gift_0001_20")],
    "bad_quantity": [line(qty=text) for text in (0, -1, "six", 6.5, 100_001, "1e30")],
    "bad_price": [line(price=text) for text in (-0.01, "2,55", 100_001, "NaN")] + [line(type="purchase", price=0)],
}

TAKEN = [
    line(),
    line(ts="2025-03-01T00:00:00Z"),
    line(ts="2025-03-03T23:59:59.999999Z"),
    line(user=None, anon="a1"),
    line(user=None, device="d1"),
    line(type="search", item=None),
    line(item="POSTCARD"),
    line(qty="6.0"),
    line(price=0),
    line(price="100000.0000"),
    line(type="purchase", price="0.0001", qty=100_000),
]


def placed(raw: DataFrame, app: Settings = APP) -> DataFrame:
    """Raw rows with their place."""
    return place(computed(judge({"app": [raw]}, app)), app, computed)


def judged(spark: SparkSession, lines: list[str], app: Settings = APP) -> list[Row]:
    """One row per line, in the order of the lines."""
    rows = placed(raw_frame(spark, lines).coalesce(1), app).orderBy("row_number").collect()
    assert len(rows) == len(lines)
    return rows


def ledger(frame: DataFrame, *raw: DataFrame) -> dict[tuple[str, str], int]:
    return {(row["place"], row["reason"]): row["n_rows"] for row in count_rows(frame, raw).collect()}


def test_each_reason_and_nothing_else(spark: SparkSession) -> None:
    expected = [(text, reason) for reason, lines in REFUSED.items() for text in lines]
    # Ids of their own, so that none of the clean ones is a duplicate.
    taken = [json.dumps({**json.loads(text), "id": f"t{number}"}) for number, text in enumerate(TAKEN)]
    expected += [(text, None) for text in taken]
    rows = judged(spark, [text for text, _ in expected])
    assert [(text, row["reason"]) for (text, _), row in zip(expected, rows, strict=True)] == expected
    assert not any(row["copy_of"] for row in rows)
    # The text of clean rows, which are millions, is not carried along.
    assert all((row["raw"] is None) == (row["reason"] is None) for row in rows)


def test_the_first_reason_counts(spark: SparkSession) -> None:
    (row,) = judged(spark, [line(ts="2030-01-01", user=None, item="POST", qty=-1, price=-1)])
    assert row["reason"] == "from_the_future"


def test_days_are_local(spark: SparkSession) -> None:
    tokyo = app_settings(zone="Asia/Tokyo", time_zone="Asia/Tokyo", max_late_days=0)
    hours = ("02T14", "02T15", "03T13", "03T16")
    lines = [line(id=hour[-2:], ts=f"2025-03-{hour}:00:00Z") for hour in hours]
    rows = judged(spark, lines, tokyo)
    assert {row["event_id"]: (row["event_day"], row["reason"]) for row in rows} == {
        "14": (date(2025, 3, 2), "too_late"),
        "15": (DAY, None),
        "13": (DAY, None),
        "16": (date(2025, 3, 4), "from_the_future"),
    }


def test_types_of_clean_rows(spark: SparkSession) -> None:
    text = line(type="purchase", qty="6.0", price="2.55", dwell_ms=1200, pos=3, schema=2, currency="GBP")
    (row,) = judged(spark, [text])
    assert (row["quantity"], row["price"], row["dwell_ms"]) == (6, Decimal("2.5500"), 1200)
    assert (row["position"], row["schema_version"], row["currency"]) == (3, 2, "GBP")


def test_reversals_may_write_a_negative_quantity(spark: SparkSession) -> None:
    lines = [line(id="c", type="refund", qty=-6, price=2), line(id="r", type="refund", qty=2, price=2)]
    lines += [line(id="p", type="purchase", qty=-6, price=2), line(id="z", type="refund", qty=0, price=2)]
    found = {row["event_id"]: (row["quantity"], row["reason"]) for row in judged(spark, lines)}
    assert (found["c"], found["r"]) == ((6, None), (2, None))
    assert (found["p"][1], found["z"][1]) == ("bad_quantity", "bad_quantity")


def test_exact_copies_and_equal_ids_are_told_apart(spark: SparkSession) -> None:
    early, late = line(ts="2025-03-03T09:00:00Z"), line(ts="2025-03-03T11:00:00Z")
    broken_copy = line(ts="2025-03-03T08:00:00Z", qty=-1)
    raw = raw_frame(spark, [late, early, early, early, broken_copy, broken_copy])
    other_day = raw_frame(spark, [early], day=date(2025, 3, 4))
    frame = placed(raw.union(other_day))
    nine = datetime(2025, 3, 3, 9)
    assert {(row["run_date"], row["event_time"]) for row in clean_rows(frame).collect()} == {
        (DAY, nine),
        (date(2025, 3, 4), nine),
    }
    assert ledger(frame.filter(frame.run_date == DAY), raw) == {
        ("raw", ""): 6,
        ("clean", ""): 1,
        ("quarantined", "bad_quantity"): 1,
        ("duplicate", "exact"): 3,
        ("duplicate", "same_id"): 1,
    }
    kept = build_quarantine(frame.filter("reason IS NOT NULL"), [raw]).collect()
    assert [(row["raw"], row["n_copies"]) for row in kept] == [(broken_copy, 2)]


def test_raw_rows_are_counted_by_themselves(spark: SparkSession) -> None:
    raw = raw_frame(spark, [line(id="a"), line(id="b"), "{"])
    more = raw_frame(spark, [line(id="c")], file="another shape")
    lost = placed(raw).filter("event_id <> 'b'")
    assert ledger(lost, raw, more) == {("raw", ""): 4, ("clean", ""): 1, ("quarantined", "unparsable"): 1}


def two_logs() -> Settings:
    """The app with the same log a second time, as `web`."""
    return APP.model_copy(update={"logs": {"web": APP.log.model_copy(update={"name": "web"})}})


def of_two_logs(spark: SparkSession, app: list[str], web: list[str]) -> DataFrame:
    settings = two_logs()
    logs = {"app": [raw_frame(spark, app)], "web": [raw_frame(spark, web, source="web")]}
    return place(computed(judge(logs, settings)), settings, computed)


def test_logs_that_number_events_by_themselves_keep_them(spark: SparkSession) -> None:
    broken = line(qty=-1)
    frame = of_two_logs(spark, [line(), line(), broken], [line(), line(ts="2025-03-03T11:00:00Z"), broken, broken])
    counted = {source: ledger(frame.filter(frame.source == source)) for source in ("app", "web")}
    one = {("clean", ""): 1, ("quarantined", "bad_quantity"): 1}
    assert counted == {
        "app": {**one, ("duplicate", "exact"): 1},
        "web": {**one, ("duplicate", "exact"): 1, ("duplicate", "same_id"): 1},
    }
    assert {row["event_id"] for row in clean_rows(frame).collect()} == {"e1", "web:e1"}


def test_no_log_takes_the_id_of_another_one(spark: SparkSession) -> None:
    frame = of_two_logs(spark, [line(id="web:7"), line(id="app:web:7"), line(id="webb:7")], [line(id="7")])
    ids = [row["event_id"] for row in clean_rows(frame).collect()]
    assert sorted(ids) == ["app:app:web:7", "app:web:7", "web:7", "webb:7"]


def test_a_log_without_ids_gets_hashes(spark: SparkSession) -> None:
    rows = judged(spark, [line(id=None), line(id=None, item="i2")])
    ids = [row["event_id"] for row in rows]
    assert len(set(ids)) == 2
    assert all(len(event_id) == 32 for event_id in ids)


def test_copies_in_two_files_name_the_first_file(spark: SparkSession) -> None:
    raw = raw_frame(spark, [line(qty=-1)], file="b").union(raw_frame(spark, [line(qty=-1)], file="a"))
    (row,) = build_quarantine(placed(raw).filter("reason IS NOT NULL"), [raw]).collect()
    assert (row["n_copies"], row["source_file"]) == (2, "a")


def test_the_text_of_a_bot_is_looked_up(spark: SparkSession) -> None:
    bots = APP.clean.bots.model_copy(update={"max_events": 2})
    app = APP.model_copy(update={"clean": APP.clean.model_copy(update={"bots": bots})})
    lines = [line(id=f"b{number}", user="bot") for number in range(3)] + [line(id="p", user="person")]
    raw = raw_frame(spark, [*lines, lines[0]])
    frame = placed(raw, app)
    assert ledger(frame, raw) == {
        ("raw", ""): 5,
        ("clean", ""): 1,
        ("quarantined", "bot_rate"): 3,
        ("duplicate", "exact"): 1,
    }
    kept = build_quarantine(frame.filter("reason IS NOT NULL"), [raw]).collect()
    assert {row["raw"] for row in kept} == set(lines[:3])


def test_the_same_content_within_a_moment_is_a_near_duplicate(spark: SparkSession) -> None:
    app = APP.model_copy(update={"clean": APP.clean.model_copy(update={"near_duplicate_ms": 1000})})
    times = ("10:00:00", "10:00:01", "10:00:01.999", "10:00:03")
    lines = [line(id=f"n{number}", ts=f"2025-03-03T{time}Z") for number, time in enumerate(times)]
    rows = judged(spark, [*lines, line(id="other", item="i2", ts="2025-03-03T10:00:00Z")], app)
    # Each of them against the one before: 1 s is within, 1.001 s is not.
    assert [row["copy_of"] for row in rows] == [None, "near", "near", None, None]


def test_one_visitor_s_id_is_not_another_kind_of_id(spark: SparkSession) -> None:
    app = APP.model_copy(update={"clean": APP.clean.model_copy(update={"near_duplicate_ms": 1000})})
    lines = [line(id="u", user="5"), line(id="a", user=None, anon="5"), line(id="d", user=None, device="5")]
    assert [row["copy_of"] for row in judged(spark, lines, app)] == [None, None, None]


SECOND, THIRD, FOURTH = date(2025, 3, 4), date(2025, 3, 5), date(2025, 3, 6)
# Two days late at most: an id of the first day, again in time, late, late with another time, and too late.
ARRIVED = {
    DAY: [line(id="a"), line(id="b"), line(id="c"), line(id="fast", user="bot"), *(
        line(id=f"bot-{number}", user="bot") for number in range(4))],
    SECOND: [line(id="a"), line(id="b", ts="2025-03-04T10:00:00Z"), line(id="late"), line(id="fast", user="u2")],
    THIRD: [line(id="a", ts="2025-03-04T10:00:00Z"), line(id="c", qty=2), line(id="late"), line(id="new")],
    FOURTH: [line(id="a", ts="2025-03-05T10:00:00Z"), line(id="c", ts="2025-03-05T10:00:00Z"), line(id="b")],
}  # fmt: skip


def _night_app() -> Settings:
    bots = APP.clean.bots.model_copy(update={"max_events": 4})
    return APP.model_copy(update={"clean": APP.clean.model_copy(update={"bots": bots})})


def _found(
    spark: SparkSession, days: list[date], before: DataFrame
) -> tuple[set[tuple[date, str, str, str]], DataFrame]:
    """Where each row of some days ended, and their events."""
    app = _night_app()
    raw = reduce(DataFrame.union, (raw_frame(spark, ARRIVED[day], day) for day in days))
    frame = computed(place(computed(judge({"app": [raw]}, app)), app, computed, before))
    ends = {(row["run_date"], row["event_id"], row["reason"] or "", row["copy_of"] or "") for row in frame.collect()}
    return ends, clean_rows(frame).select("run_date", "event_id")


def test_a_late_row_of_an_event_that_had_arrived_is_a_copy(spark: SparkSession) -> None:
    nothing = spark.createDataFrame([], "run_date date, event_id string")
    days = list(ARRIVED)
    in_one_go, _ = _found(spark, days, nothing)
    one_by_one: set[tuple[date, str, str, str]] = set()
    events = nothing
    for day in days:
        # A night reads the two days before it.
        ends, clean = _found(spark, [day], events.filter(events.run_date >= day - timedelta(2)))
        one_by_one, events = one_by_one | ends, computed(events.union(clean))
    assert one_by_one == in_one_go
    copies = {(day, event_id) for day, event_id, _, copy_of in in_one_go if copy_of == "same_id"}
    assert copies == {(SECOND, "a"), (THIRD, "a"), (THIRD, "c"), (THIRD, "late")}
    # A copy is no event: two days after the event of the first day it is compared with that one, and not with the
    # copy of the second day; three days after it is an event.
    assert (FOURTH, "a", "", "") in in_one_go
    # What was refused as a bot's had not arrived.
    assert (DAY, "fast", "bot_rate", "") in in_one_go
    assert (SECOND, "fast", "", "") in in_one_go


_SOME_ROW = st.sampled_from([line(id=f"e{number}", ts=GOOD["ts"]) for number in range(6)] + TAKEN) | st.sampled_from(
    sorted(text for lines in REFUSED.values() for text in lines)
)


@spark_property(often=12)
@given(lines=st.lists(_SOME_ROW, min_size=1, max_size=40), seed=st.integers(0, 99), cut=st.integers(0, 40))
def test_the_ledger_adds_up_whatever_the_order_and_the_files(
    spark: SparkSession, lines: list[str], seed: int, cut: int
) -> None:
    shuffled = random.Random(seed).sample(lines, len(lines))
    one = placed(raw_frame(spark, lines))
    two = placed(raw_frame(spark, shuffled[:cut], file="f1").union(raw_frame(spark, shuffled[cut:], file="f2")))

    own = ("row_number", "source_file")
    assert Counter(map(tuple, one.drop(*own).collect())) == Counter(map(tuple, two.drop(*own).collect()))
    counts = ledger(one, raw_frame(spark, lines))
    assert counts.pop(("raw", "")) == len(lines) == sum(counts.values())
    ids = [row["event_id"] for row in clean_rows(one).collect()]
    assert len(ids) == len(set(ids)) == counts.get(("clean", ""), 0)


@pytest.mark.parametrize("lines", [[], ["{}"]])
def test_nothing_clean_is_no_accident(spark: SparkSession, lines: list[str]) -> None:
    frame = placed(raw_frame(spark, lines))
    assert clean_rows(frame).count() == 0
    assert sum(n for (place, _), n in ledger(frame).items() if place != "raw") == len(lines)
