"""Visits: what one visitor did without a long pause, also across midnight.

A night never goes back to the day before: it goes on with the visits that were open when that day ended. The rows
that arrived on one run date are cut at pauses first; then the piece that begins the day may go on with the one
that ended the day before. What arrived late is cut by itself, and never changes a visit that is already told.

The wide rows of events are neither sorted nor shuffled. All is found on a few numbers, folded within steps of the
gap's length before they are sorted: within such a step there is no pause that could end a visit.
"""

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.sql import sql_text
from jobs.transforms.broadcast import broadcast_if_small
from jobs.transforms.visitors import VISITOR

_MICROS_PER_MINUTE = 60_000_000
_PIECE = ("run_date", "visitor", "begin")


def build_visits(events: DataFrame, open_before: DataFrame, gap_minutes: int, zone: str, first: date) -> DataFrame:
    """The visits of every run date.

    Parameters
    ----------
    events
        run_date, event_time and the ids of clean events; `user_id` as identity has joined it.
    open_before
        `open_visits` of the day before `first`; empty before the first data.
    gap_minutes
        A pause of exactly so many minutes does not end a visit, a longer one does. Less than a day.
    zone
        The app's time zone; its midnights divide run dates.
    first
        First run date of `events`.

    Returns
    -------
    DataFrame
        One row per run_date, visitor and visit: session_id, user_id, begin and ended_at (first and last of its
        events that arrived on the run date), started_at (its very first event, also on an earlier run date),
        is_continued, n_events. Begin to ended_at, both included, of two visits of a visitor never overlap.
    """
    gap = gap_minutes * _MICROS_PER_MINUTE
    pieces = _placed_in_day(_cut(_folded(events, gap), gap), zone)
    links = _links(pieces, open_before, gap, first)
    joined = pieces.join(F.broadcast(links), on=list(_PIECE), how="left")
    # Rows that came late must not take the name of the visit that they were missed in.
    late = "chain_start IS NULL AND ended < day_start"
    named = joined.selectExpr(
        "*",
        "coalesce(chain_start, begin) AS started",
        f"IF({late}, xxhash64(visitor, begin, run_date), xxhash64(visitor, coalesce(chain_start, begin))) AS name",
    )
    return named.selectExpr(
        "run_date",
        "visitor",
        "lpad(lower(hex(name)), 16, '0') AS session_id",
        "user_id",
        "timestamp_micros(begin) AS begin",
        "timestamp_micros(started) AS started_at",
        "timestamp_micros(ended) AS ended_at",
        "chain_start IS NOT NULL AS is_continued",
        "n_events",
    )


def with_session_id(events: DataFrame, visits: DataFrame) -> DataFrame:
    """Add `session_id` to events.

    Parameters
    ----------
    events
        The very rows that the visits were built of.
    visits
        As `build_visits` gives them, kept in files or in memory.
    """
    spans = visits.selectExpr("xxhash64(run_date, visitor) AS visit_key", "begin", "ended_at", "session_id")
    keyed = events.withColumn("visit_key", F.expr(f"xxhash64(run_date, {VISITOR})"))
    on = (keyed["visit_key"] == spans["visit_key"]) & F.expr("event_time BETWEEN begin AND ended_at")
    joined = keyed.join(broadcast_if_small(spans), on=on, how="left")
    return joined.drop("visit_key", "begin", "ended_at")


def build_sessions(visits: DataFrame) -> DataFrame:
    """Table `sessions`: one row per run_date and visit with an event that arrived on it."""
    return visits.select("run_date", "session_id", "user_id", "started_at", "ended_at", "is_continued", "n_events")


def build_open_visits(visits: DataFrame, gap_minutes: int, zone: str) -> DataFrame:
    """Table `open_visits`: one row per run_date and visitor whose visit may go on after the midnight that ends it."""
    is_open = f"ended_at >= {_midnight('date_add(run_date, 1)', zone)} - INTERVAL '{gap_minutes}' MINUTE"
    return visits.filter(is_open).select("run_date", "visitor", "session_id", "started_at", "ended_at")


def _folded(events: DataFrame, gap: int) -> DataFrame:
    """One row per run_date, visitor and step of the gap's length: first and last moment, events."""
    moments = events.selectExpr("run_date", f"{VISITOR} AS visitor", "user_id", "unix_micros(event_time) AS at")
    # The user is a key although the visitor says it: a key of text can be hashed, a maximum of texts is sorted.
    steps = moments.selectExpr("*", f"at - pmod(at, {gap}L) AS step")
    return steps.groupBy("run_date", "visitor", "user_id", "step").agg(
        F.min("at").alias("begin"), F.max("at").alias("ended"), F.count("*").alias("n_events")
    )


def _cut(steps: DataFrame, gap: int) -> DataFrame:
    """One row per run_date, visitor and piece without a longer pause."""
    window = "PARTITION BY visitor, run_date ORDER BY begin"
    paused = steps.selectExpr("*", f"coalesce(begin - lag(ended) OVER ({window}) <= {gap}, false) AS goes_on")
    marked = paused.selectExpr("*", f"last(IF(goes_on, NULL, begin), true) OVER ({window}) AS piece")
    # Grouped by what the window was partitioned by, and more: nothing is moved again.
    return (
        marked.groupBy("visitor", "run_date", "user_id", "piece")
        .agg(F.max("ended").alias("ended"), F.sum("n_events").alias("n_events"))
        .withColumnRenamed("piece", "begin")
    )


def _placed_in_day(pieces: DataFrame, zone: str) -> DataFrame:
    return pieces.selectExpr(
        "*",
        f"unix_micros({_midnight('run_date', zone)}) AS day_start",
        f"unix_micros({_midnight('date_add(run_date, 1)', zone)}) AS day_end",
    )


def _links(pieces: DataFrame, open_before: DataFrame, gap: int, first: date) -> DataFrame:
    """One row per piece that goes on with a visit of the run date before: run_date, visitor, begin, chain_start.

    Of a visitor's run date, at most one piece reaches over its first midnight or begins within a gap after it,
    and at most one ends within a gap of its last midnight; only these few matter.
    """
    is_head = f"begin <= day_start + {gap} AND ended >= day_start"
    is_tail = f"ended >= day_end - {gap}"
    ends = (
        pieces.filter(f"{is_head} OR {is_tail}")
        .groupBy("visitor", "run_date")
        .agg(
            F.expr(f"max(IF({is_head}, begin, NULL)) AS head"),
            F.expr(f"max(IF({is_tail}, begin, NULL)) AS tail"),
            F.expr(f"max(IF({is_tail}, ended, NULL)) AS tail_ended"),
        )
    )
    day_before = first - timedelta(1)
    still_open = open_before.selectExpr(
        "visitor",
        f"DATE'{day_before}' AS run_date",
        "CAST(NULL AS bigint) AS head",
        "unix_micros(started_at) AS tail",
        "unix_micros(ended_at) AS tail_ended",
    )
    return _chained(still_open.unionByName(ends), gap)


def _chained(ends: DataFrame, gap: int) -> DataFrame:
    """Follow each visitor's open visits from run date to run date."""
    window = "PARTITION BY visitor ORDER BY run_date"
    follows = f"lag(run_date) OVER ({window}) = date_sub(run_date, 1)"
    in_time = f"head - lag(tail_ended) OVER ({window}) <= {gap}"
    linked = ends.selectExpr("*", f"coalesce({follows} AND {in_time}, false) AS is_linked")
    started = linked.selectExpr(
        "*", f"last(IF(is_linked AND tail = head, NULL, tail), true) OVER ({window}) AS tail_started"
    )
    chains = started.selectExpr(
        "visitor", "run_date", "head AS begin", "is_linked", f"lag(tail_started) OVER ({window}) AS chain_start"
    )
    return chains.filter("is_linked").select(*_PIECE, "chain_start")


def _midnight(day: str, zone: str) -> str:
    """SQL for the UTC time at which a local day begins."""
    return f"to_utc_timestamp(CAST({day} AS timestamp), {sql_text(zone)})"
