"""Stage clean_events: raw rows to events, quarantine and ledger, and the day's aggregates."""

from jobs.core.schemas import (
    CONTEXT_ITEM_DAILY,
    EVENTS,
    ITEM_DAILY,
    LEDGER,
    QUARANTINE,
    RAW_EVENTS,
    SESSIONS,
    USER_DAILY,
    USER_ITEM_DAILY,
    USER_STATUS,
)
from jobs.stages.job import Job
from jobs.transforms import aggregates, cleaning
from jobs.transforms.sessions import add_session_id, build_sessions
from jobs.transforms.user_status import build_user_status


def run(job: Job) -> None:
    """Clean, count, audit and aggregate what arrived."""
    settings, night = job.night.settings, job.night
    judged = cleaning.judge(cleaning.fold_copies(job.read_spark(RAW_EVENTS)), settings).persist()
    job.write_spark(LEDGER, cleaning.count_rows(judged))
    job.write_spark(QUARANTINE, cleaning.quarantined_rows(judged))
    clean = add_session_id(cleaning.clean_rows(judged), settings.clean.session_gap_minutes)
    events = job.write_spark(EVENTS, clean)
    judged.unpersist()
    job.write_spark(SESSIONS, build_sessions(events))
    status = build_user_status(job.read_spark(USER_STATUS), events, night.first, night.last)
    job.write_spark(USER_STATUS, status)
    measured = aggregates.with_measures(events, settings.events)
    job.write_spark(USER_DAILY, aggregates.build_user_daily(measured))
    job.write_spark(ITEM_DAILY, aggregates.build_item_daily(measured))
    job.write_spark(USER_ITEM_DAILY, aggregates.build_user_item_daily(measured))
    job.write_spark(CONTEXT_ITEM_DAILY, aggregates.build_context_item_daily(measured))
