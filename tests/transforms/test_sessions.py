"""Visits end where nothing happened for a while."""

from datetime import date, datetime, timedelta

from app import DAY, event_frame
from pyspark.sql import SparkSession

from jobs.transforms.sessions import add_session_id, build_sessions

START = datetime(2025, 3, 3, 10)
NEXT = date(2025, 3, 4)


def at(event_id: str, minutes: float, **columns: object) -> dict[str, object]:
    return {"event_id": event_id, "event_time": START + timedelta(minutes=minutes), "session_id": None, **columns}


def test_visits(spark: SparkSession) -> None:
    anonymous = {"user_id": None, "anonymous_id": "a", "device_id": "d"}
    events = [
        at("a", 0),
        at("b", 30, item_id="j"),
        at("c", 60, item_id=None),
        at("d", 60 + 30 + 1 / 60),
        at("e", 5, user_id="v"),
        at("f", 0, **anonymous),
        at("g", 10, **anonymous),
        at("h", 10, user_id=None, device_id="d"),
        at("i", 10, run_date=NEXT),
        at("j", 10, user_id=None, device_id="u"),
    ]
    with_ids = add_session_id(event_frame(spark, events).drop("session_id"), 30).cache()
    of = {row["event_id"]: row["session_id"] for row in with_ids.collect()}
    assert of["a"] == of["b"] == of["c"]
    assert of["f"] == of["g"]
    assert len({of[name] for name in "adefhij"}) == 7
    assert "visit_start" not in with_ids.columns

    sessions = {(row["run_date"], row["session_id"]): row for row in build_sessions(with_ids).collect()}
    assert len(sessions) == 7
    first = sessions[DAY, of["a"]]
    assert (first["user_id"], first["n_events"], first["n_items"]) == ("u", 3, 2)
    assert (first["started_at"], first["ended_at"]) == (START, START + timedelta(minutes=60))
    assert sessions[DAY, of["f"]]["user_id"] is None


def test_order_of_rows_does_not_matter(spark: SparkSession) -> None:
    events = [at(name, minutes) for name, minutes in [("a", 0), ("b", 0), ("c", 31), ("d", 70)]]
    ids = [
        {row["event_id"]: row["session_id"] for row in add_session_id(event_frame(spark, rows), 30).collect()}
        for rows in (events, events[::-1])
    ]
    assert ids[0] == ids[1]
    assert len(set(ids[0].values())) == 3
