"""A night's deadline, kept by its own stages, so that `withdraw` still runs after it.

Airflow's `dagrun_timeout` fails a run and skips every task that is open in it, those that wait for a failure too: who
opted out would be served for a day more. So a stage gets the time that its night has left, and one that is ended by
it, or comes too late, fails as any stage does, but for good. `dagrun_timeout` stands behind, for a run of which no
task can start.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.types import DagRunProtocol
from app_schedule import Schedule


def keep_deadline(context: Context, *, schedule: Schedule) -> None:
    """Before a stage: let it run no longer than its night may.

    Raises
    ------
    AirflowFailException
        The night's time is over. No retry can cure it.
    """
    over = (
        f"the night's deadline ({schedule.deadline_minutes} minutes) has passed; look what took so long,"
        " then clear this task with its downstream tasks, which gives the night as long again"
    )
    left = deadline(context["dag_run"], schedule) - datetime.now(UTC)
    if left <= timedelta():
        raise AirflowFailException(over)
    task = context["task"]
    if task.execution_timeout is None or left < task.execution_timeout:
        # Airflow runs a copy of the task that is made for each try.
        task.execution_timeout, task.why_final = left, over


def deadline(run: DagRunProtocol, schedule: Schedule) -> datetime:
    """Moment in UTC at which a night has to be done.

    It is counted from the run's start, as `dagrun_timeout` is, so anew when a run that has ended is cleared. A run of
    `dags test` says that it began at its logical date; none can have begun before it was due.
    """
    start = max(run.start_date or run.run_after, run.run_after)
    return start + timedelta(minutes=schedule.deadline_minutes)


def time_limit(schedule: Schedule) -> timedelta:
    """After how long Airflow itself gives a run up: `withdraw` has the time of one try after the deadline."""
    return timedelta(minutes=schedule.deadline_minutes + schedule.task_timeout_minutes)
