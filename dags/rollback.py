"""## Put a good night back

This DAG never runs by itself. Trigger it with the parameter `to`, a generation such as `2025-02-28-3f9c01aa`
(`nightjar show` and the night's report name them): its rows come back from the lake, less who opted out or was
deleted and what was delisted since, in the time of a publish.

**Then** publishes up to the newest date ever served are held: nights stay green and say so. The first publish of
a later date ends the hold, and so does `nightjar resume --app ...`. A rollback that was killed is triggered again.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

from airflow.sdk import DAG, Param
from airflow.sdk.exceptions import AirflowFailException
from airflow.sdk.types import DagRunProtocol
from app_schedule import Schedule, ScheduleError, app_names, read_schedule
from stage_operator import StageOperator, task_defaults

CONF = Path(os.environ.get("NIGHTJAR_CONF") or Path(__file__).parent.parent / "conf")
GENERATION = r"\d{4}-\d{2}-\d{2}-[0-9a-f]{8}"

# Empty by default, since Airflow takes no DAG whose parameter has a pattern and nothing to match it.
TO = Param(
    None,
    type=["null", "string"],
    pattern=f"^{GENERATION}$",
    title="Generation",
    description="The generation to serve again, as YYYY-MM-DD-xxxxxxxx.",
)


def generation(dag_run: DagRunProtocol) -> str:
    """The generation that a run was given, checked, since it becomes part of a command.

    Raises
    ------
    AirflowFailException
        There is none, or it is none. No retry can cure it.
    """
    given = (dag_run.conf or {}).get("to")
    if not isinstance(given, str) or not re.fullmatch(GENERATION, given):
        raise AirflowFailException(
            f"a rollback needs a generation as YYYY-MM-DD-xxxxxxxx, got {given!r};"
            ' trigger it again with --conf \'{"to": "2025-02-28-3f9c01aa"}\''
        )
    return given


def build_rollback(app: str, schedule: Schedule) -> DAG:
    """One app's DAG of one task, which only a person starts.

    It takes no slot of the app's pool: a rollback must not wait behind the nights that made it necessary.
    """
    with DAG(
        dag_id=f"rollback_{app}",
        schedule=None,
        start_date=datetime(2000, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        params={"to": TO},
        user_defined_macros={"generation": generation},
        is_paused_upon_creation=False,
        tags=["nightjar", app],
        description=f"Serve an earlier generation of {app} again",
        doc_md=__doc__,
    ) as dag:
        StageOperator(
            stage="rollback",
            app=app,
            options="--to {{ generation(dag_run) }}",
            **task_defaults(schedule),
        )
    return dag


for app in app_names(CONF):
    try:
        dag = build_rollback(app, read_schedule(CONF, app, os.environ))
    except ScheduleError:
        continue  # refused_schedules.py shows what is wrong
    globals()[dag.dag_id] = dag
