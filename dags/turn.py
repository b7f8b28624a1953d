"""When a night may start: after the late deliveries, and after the night before it."""

import logging
from datetime import UTC, datetime, time, timedelta

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowRescheduleException
from app_schedule import Schedule
from run_date import run_date
from time_left import keep_deadline

log = logging.getLogger(__name__)

# Each look at a running night costs one short process.
LOOK_AGAIN = timedelta(seconds=30)


def wait_for_turn(context: Context, *, schedule: Schedule) -> None:
    """Put the first stage back in the queue until its night may start.

    Only runs that nobody watches wait: scheduled ones for late deliveries and, like those of a back-fill,
    for the night before. A run that a person started (`dags trigger`, `dags test`, the UI) starts at once.

    This stands in for `depends_on_past`, which would (1) hold a night back until its deadline, and so its
    withdrawals too, where yesterday failed, although the stage itself refuses at once and says what to run;
    (2) not know of a day that `nightjar backfill` made; (3) be blocked by any failed manual run that lies
    between two nights; (4) hang `dags test`; (5) block a night because yesterday's publish failed, long
    after its tables were right. What stays to be done here is order: `airflow backfill create` starts
    up to ten runs at once, outside `max_active_runs`.

    It waits no longer than to the night's deadline; see time_left.py.

    Raises
    ------
    AirflowRescheduleException
        It is too early; the task ends, frees its slot and starts again at the time given.
    AirflowFailException
        It is too late.
    """
    keep_deadline(context, schedule=schedule)
    run_type = context["dag_run"].run_type
    now = datetime.now(UTC)
    if run_type == "scheduled":
        _wait_for_deliveries(context, schedule, now)
    if run_type in ("scheduled", "backfill"):
        _wait_for_night_before(context, now)


def deliveries_end(context: Context, schedule: Schedule) -> datetime:
    """Moment in UTC from which late files are no longer awaited: the midnight that ends D, plus the wait."""
    day_after = run_date(context["dag_run"], zone=schedule.zone) + timedelta(days=1)
    midnight = datetime.combine(day_after, time.min, tzinfo=schedule.zone)
    # Added in UTC, since on a day with a change of clocks the local sum is an hour off.
    return midnight.astimezone(UTC) + timedelta(minutes=schedule.start_after_minutes)


def _wait_for_deliveries(context: Context, schedule: Schedule, now: datetime) -> None:
    start = deliveries_end(context, schedule)
    if now < start:
        log.info("late deliveries are awaited until %s", start.isoformat())
        raise _again_at(start)


def _wait_for_night_before(context: Context, now: datetime) -> None:
    before = context["ti"].get_previous_dagrun()
    # A queued run is not waited for: it may be queued because of this one. A failed one neither: whether
    # what it left is enough is for the stages to say, which read the lake and not Airflow.
    if before is not None and before.state == "running":
        log.info("the run before, %s, is still running", before.run_id)
        raise _again_at(now + LOOK_AGAIN)


def _again_at(moment: datetime) -> AirflowRescheduleException:
    return AirflowRescheduleException(moment)  # type: ignore[no-untyped-call]  # Airflow leaves it untyped
