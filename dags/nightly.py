"""## A night of personalization

Every night this DAG turns one day of an app's raw events into checked features, trained and gated models,
and the recommendations and predictions that product apps read in the morning.

**The day.** A run works on one day D of the app's time zone, which has ended. D is `run_date` of the run's
conf if given, else the date of the logical date in the app's time zone. A scheduled run starts after the
midnight that ends D, waits for late deliveries, and lets the night before it end first.

**Run a day by hand.** Trigger the DAG and give `run_date`; running a day again gives the same content and
skips what is unchanged. **Repair a failed night**: cure what the log of the failed stage names, then clear
that task with everything downstream. **Back-fill** some days with `airflow backfill create` (local midnights
with their offset, `--max-active-runs 1`), a long past with `nightjar backfill`.

**When a night fails,** by its deadline too, yesterday's results stay served, and `withdraw` still takes out today's
opt-outs and deletions. A warning or a refused model leaves the night green. A failed check that is right
for once (a holiday's low volume) can be released: the log of the stage names the `nightjar accept` that does so.

**Where the data goes.** Tables into the lake under `NIGHTJAR_HOME`, one partition per D; runs and models into
MLflow; one generation per D into the online store. Exit codes, retries and the date rule: `docs/airflow.md`.
"""

import os
from collections.abc import Callable
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, Context, CronDataIntervalTimetable, Param, TaskGroup, TriggerRule
from airflow.sdk.exceptions import AirflowFailException
from app_schedule import Schedule, ScheduleError, app_names, read_schedule, read_sound_schedule
from deadline import deadline_alert
from run_date import run_date
from stage_operator import StageOperator, task_defaults
from time_left import keep_deadline, time_limit
from turn import wait_for_turn

CONF = Path(os.environ.get("NIGHTJAR_CONF") or Path(__file__).parent.parent / "conf")

RUN_DATE = Param(
    None,
    type=["null", "string"],
    format="date",
    title="Run date",
    description="Day D as YYYY-MM-DD. Empty: the date of the logical date in the app's time zone.",
)

Hook = Callable[..., None]
"""What happens before a stage, with Airflow's context and the app's `schedule`."""

READS_AND_WRITES = {
    "ingest_events": "Keeps the app's log files of day D as they came (`raw_files`), or its rows (`raw_events`).",
    "clean_events": "Reads the kept files; writes `events`, `quarantine`, `ledger`, states of the log, daily sums.",
    "build_features": "Reads the daily sums and the state of D-1; writes the state of D and the feature tables.",
    "train_recommender": "Reads daily sums and `user_activity` at past cuts; logs a challenger to MLflow.",
    "train_predictions": "Reads `user_activity` at past cuts; writes training sets and logs challengers to MLflow.",
    "profile_users": "Reads `user_activity`, states and the groups of D-1; writes groups, stages, hours, interests.",
    "promote_models": "Reads the challengers and `champions` of D-1; writes `champions` of D.",
    "recommend": "Reads the daily sums, feature tables and `champions`; writes `recommendations`.",
    "score_users": "Reads `user_activity` and `champions`; writes `predictions`.",
    "publish": "Reads feature tables, lists, predictions, profiles and `user_status`; writes one generation online.",
    "check_online": "Reads a sample back from the online store and compares it with the tables of D.",
    "report": "Reads the counts, checks and times of D; writes the night on one page.",
    "withdraw": "Runs only in a failed night: takes today's opt-outs, deletions and delistings out of the store.",
}


def build_dag(app: str, schedule: Schedule, refused: str = "") -> DAG:
    """One app's DAG, still without stages; `refused` says why none of its nights may run.

    The schedule is midnight and not the hour of the first task, because only then is the logical date the
    midnight that begins D, and its local date D.
    """
    says = f"Refused: {refused}" if refused else f"Events in, recommendations and predictions out, for {app}"
    return DAG(
        dag_id=f"nightly_{app}",
        schedule=CronDataIntervalTimetable("0 0 * * *", timezone=schedule.time_zone),
        start_date=datetime.combine(schedule.first_day, time.min, tzinfo=schedule.zone),
        catchup=False,
        # One run at a time; for the order of runs see turn.py.
        max_active_runs=1,
        deadline=deadline_alert(app, schedule),
        # Not the deadline, which the stages keep.
        dagrun_timeout=time_limit(schedule),
        default_args={**task_defaults(schedule), "pool": schedule.pool},
        params={"run_date": RUN_DATE},
        user_defined_macros={"run_date": partial(run_date, zone=schedule.zone)},
        tags=["nightjar", app, *(["refused"] if refused else [])],
        description=says,
        doc_md=f"Every run fails until this is mended: {refused}" if refused else __doc__,
    )


def refuse(context: Context, *, schedule: Schedule, why: str) -> None:
    """Before the first stage of a night that may not run.

    Raises
    ------
    AirflowFailException
        Always; no retry can cure it.
    """
    raise AirflowFailException(why)


def add_stages(app: str, schedule: Schedule, refused: str = "") -> None:
    """Put the stages of a night, in their order, into the DAG in whose context this is called."""

    def stage(name: str, before: Hook | None = keep_deadline, **arguments: Any) -> StageOperator:
        hook = partial(before, schedule=schedule) if before else None
        return StageOperator(stage=name, app=app, doc_md=READS_AND_WRITES[name], pre_execute=hook, **arguments)

    with TaskGroup("clean", prefix_group_id=False, tooltip="The log of day D, checked and clean") as clean:
        first = stage("ingest_events", before=partial(refuse, why=refused) if refused else wait_for_turn)
        first >> stage("clean_events")

    with TaskGroup("features", prefix_group_id=False, tooltip="State rolled forward by one day") as features:
        stage("build_features")

    with TaskGroup("models", prefix_group_id=False, tooltip="Challengers, the gate, its champions") as models:
        promoted = stage("promote_models")
        [stage("train_recommender"), stage("train_predictions")] >> promoted
        promoted >> [stage("recommend"), stage("score_users")]
        stage("profile_users")

    with TaskGroup(
        "publish_night", group_display_name="publish", prefix_group_id=False, tooltip="One generation online"
    ) as publish_night:
        published = stage("publish")
        published >> stage("check_online") >> stage("report")

    clean >> features >> models >> publish_night
    # Any failure before `publish` reaches it as upstream_failed, so this one edge is enough. The run stays
    # red, whatever becomes of `withdraw`, because `report` has failed with it. The night's deadline is not its own.
    published >> stage("withdraw", before=None, trigger_rule=TriggerRule.ONE_FAILED)


def build_night(app: str) -> DAG:
    """The DAG of one app, as the configuration says; where that is wrong, one whose first stage says so.

    An exception here would be an import error of this file, for which Airflow takes the nights of all apps away;
    refused_schedules.py has it for people to see. With what is right of its schedule the DAG keeps its days, tasks
    and deadline, and somebody is told that a night is not done.
    """
    refused = ""
    try:
        schedule = read_schedule(CONF, app, os.environ)
    except ScheduleError as error:
        schedule, refused = read_sound_schedule(CONF, app, os.environ), str(error)
    with build_dag(app, schedule, refused) as dag:
        add_stages(app, schedule, refused)
    return dag


for app in app_names(CONF):
    dag = build_night(app)
    globals()[dag.dag_id] = dag
