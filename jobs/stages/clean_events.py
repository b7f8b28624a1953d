"""Stage clean_events: raw rows to events, profiles, quarantine and ledger, and the day's aggregates."""

from collections.abc import Mapping, Sequence
from functools import partial, reduce

from pyspark.sql import DataFrame

from jobs.core.daily_schemas import CONTEXT_ITEM_DAILY, ITEM_DAILY, USER_DAILY, USER_ITEM_DAILY
from jobs.core.habit_schemas import USER_HABITS_DAILY
from jobs.core.schemas import (
    EVENTS,
    IDENTITIES,
    LEDGER,
    OPEN_VISITS,
    PURCHASES,
    QUARANTINE,
    RAW_EVENTS,
    RAW_FILES,
    REFUNDS,
    SESSIONS,
    USER_STATUS,
)
from jobs.stages.job import Job
from jobs.stages.profile_logs import judged_profiles, write_profiles
from jobs.stages.raw_rows import read_logs
from jobs.transforms import aggregates, cleaning, identity, sessions
from jobs.transforms.habits import build_user_habits_daily
from jobs.transforms.identity_state import build_identities, carry
from jobs.transforms.quarantine import build_quarantine
from jobs.transforms.refunds import build_purchases, match_refunds
from jobs.transforms.user_status import build_user_status

_ACCOUNTED = ("run_date", "source", "header", "raw", "source_file", "row_hash", "reason", "copy_of")

Logs = dict[str, list[DataFrame]]


def run(job: Job) -> None:
    """Clean, count, audit and aggregate what arrived."""
    settings = job.night.settings
    logs = read_logs(job.spark, job.lake, settings, job.inputs[RAW_FILES.name], job.inputs[RAW_EVENTS.name])
    profiles = {kind: judged_profiles(job, kind, logs) for kind in ("items", "users")}
    judged = _judge_and_write_profiles(job, logs, profiles)
    placed = cleaning.place(judged, settings, job.scratch, _arrived_before(job))
    raw = [frame for frames in logs.values() for frame in frames]
    rows = _accounted([placed, *(judged for judged in profiles.values() if judged is not None)])
    # The checks of events ask whether the day's ledger counts as many as weeks before.
    job.write_spark(LEDGER, cleaning.count_rows(rows, raw))
    job.side_by_side(
        lambda: _write_days(job, cleaning.clean_rows(placed)),
        lambda: job.write_spark(QUARANTINE, build_quarantine(rows.filter("reason IS NOT NULL"), raw)),
    )


def _judge_and_write_profiles(job: Job, logs: Logs, profiles: Mapping[str, DataFrame | None]) -> DataFrame:
    """The judged rows of events; where items have to be known, their table is needed first."""
    writes = [partial(write_profiles, job, kind, rows) for kind, rows in profiles.items()]
    known = writes.pop(0)() if job.night.settings.clean.reject_unknown_items else None
    judged: DataFrame = job.side_by_side(lambda: job.scratch(_judge(job, logs, known)), *writes)[0]
    return judged


def _write_days(job: Job, clean: DataFrame) -> None:
    """Events and visits, and what the day comes to by user, item and place."""
    events, visits = _write_events(job, clean)
    settings = job.night.settings
    measured = aggregates.with_measures(events, settings)
    job.side_by_side(
        lambda: job.write_spark(USER_DAILY, aggregates.build_user_daily(measured, visits, settings)),
        lambda: _aggregate_items(job, measured),
        lambda: job.write_spark(USER_HABITS_DAILY, build_user_habits_daily(events, settings)),
        lambda: _write_states(job, events),
    )


def _judge(job: Job, logs: Logs, known: DataFrame | None) -> DataFrame:
    settings = job.night.settings
    of_events = {name: frames for name, frames in logs.items() if settings.sources[name].kind == "events" and frames}
    return cleaning.judge(of_events or _no_rows(job, logs), settings, known)


def _arrived_before(job: Job) -> DataFrame | None:
    """Ids of events that a late row may repeat; None where no log takes late rows."""
    return job.read_spark(EVENTS).select("run_date", "event_id") if job.night.settings.max_late_days else None


def _no_rows(job: Job, logs: Logs) -> Logs:
    """A closed day has no file, and still its tables."""
    name = next(name for name in logs if job.night.settings.sources[name].kind == "events")
    return {name: [job.read_spark(RAW_EVENTS).limit(0).selectExpr("*", "0L AS row_hash")]}


def _accounted(placed: Sequence[DataFrame]) -> DataFrame:
    """Every raw row, of all logs, with its place."""
    return reduce(DataFrame.unionByName, (part.select(*_ACCOUNTED) for part in placed))


def _write_events(job: Job, clean: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Join users, cut visits; returns the written events and sessions."""
    night, settings = job.night, job.night.settings
    gap, zone = settings.clean.session_gap_minutes, settings.schedule.time_zone
    named = identity.with_users(clean, _whose(job, clean))
    visits = job.scratch(sessions.build_visits(named, job.read_spark(OPEN_VISITS), gap, zone, night.first))
    events = job.write_spark(EVENTS, sessions.with_session_id(named, visits))
    written = job.write_spark(SESSIONS, sessions.build_sessions(visits))
    job.write_spark(OPEN_VISITS, sessions.build_open_visits(visits, gap, zone))
    return events, written


def _whose(job: Job, clean: DataFrame) -> DataFrame:
    """Whose the anonymous and device ids are, and from when to when; writes `identities`."""
    night, settings = job.night, job.night.settings
    before = job.read_spark(IDENTITIES)
    spans = job.scratch(identity.build_spans(clean))
    state = build_identities(clean, spans, before, night.first, night.last, settings.activity.days)
    carried = carry(before, job.write_spark(IDENTITIES, state), night.first, night.last)
    return job.scratch(identity.resolve(clean, spans, carried, settings.clean.session_gap_minutes))


def _write_states(job: Job, events: DataFrame) -> None:
    night, settings = job.night, job.night.settings
    bought = job.write_spark(PURCHASES, build_purchases(events))
    earlier = job.read_spark(PURCHASES).unionByName(bought)
    job.write_spark(REFUNDS, match_refunds(events, earlier, settings.clean.refund_days))
    job.write_spark(USER_STATUS, build_user_status(job.read_spark(USER_STATUS), events, night.first, night.last))


def _aggregate_items(job: Job, measured: DataFrame) -> None:
    pairs = job.write_spark(USER_ITEM_DAILY, aggregates.build_user_item_daily(measured))
    places = job.scratch(aggregates.build_item_places(measured))
    job.write_spark(ITEM_DAILY, aggregates.build_item_daily(places, pairs))
    job.write_spark(CONTEXT_ITEM_DAILY, aggregates.build_context_item_daily(places))
