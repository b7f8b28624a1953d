"""## Sweep what nobody keeps

Every Sunday at noon of the app's time zone this DAG removes what the section `retention` of the configuration
does not keep: partitions that are too old, attempts that were refused or replaced, files of models that never
served, and what killed stages left. Without it the disk fills until somebody types `nightjar vacuum`.

**Switch it on** with the app's nights; like every new DAG it is paused at first. It does not matter which Sundays
were missed: one sweep makes up for all of them. **See first** what would go: `nightjar vacuum --app ... --dry-run`.

**Beside a night it is safe**, should one still run, or a back-fill: nothing goes that is current and kept, that a
night of the last `retention.rerun_days` reads, or that was written, replaced or retired within
`retention.attempt_hours`, which are longer than any stage runs. So a partition that is too old is current no more
after one sweep, and its files go with the next. It takes a slot of the nights' pool, so it does not crowd them
either. Beside another sweep of the app, such as one by hand, it waits until that has ended.

**It has no run date.** Days are counted from the newest night of the lake, not from a clock and not from the Sunday
on which it runs: where nights stand still, their tables stay. A sweep that was killed is finished by the next.
"""

import os
from datetime import datetime, time
from pathlib import Path

from airflow.sdk import DAG, CronTriggerTimetable
from app_schedule import Schedule, ScheduleError, app_names, read_schedule
from stage_operator import StageOperator, task_defaults

CONF = Path(os.environ.get("NIGHTJAR_CONF") or Path(__file__).parent.parent / "conf")

# Nights begin after midnight and have to end by the morning; noon is as far from the last one as from the next.
# Weekly, since what a week leaves is a fraction of what `retention` keeps.
SUNDAY_NOON = "0 12 * * 0"


def build_vacuum(app: str, schedule: Schedule) -> DAG:
    """One app's DAG of one task, which is no stage: it makes nothing and takes no date."""
    with DAG(
        dag_id=f"vacuum_{app}",
        schedule=CronTriggerTimetable(SUNDAY_NOON, timezone=schedule.time_zone),
        start_date=datetime.combine(schedule.first_day, time.min, tzinfo=schedule.zone),
        catchup=False,
        max_active_runs=1,
        tags=["nightjar", app],
        description=f"Remove what the retention of {app} does not keep",
        doc_md=__doc__,
    ) as dag:
        StageOperator(
            stage="vacuum",
            app=app,
            options="",
            doc_md="Removes what `retention` does not keep; prints a line and the bytes for each kind of thing.",
            pool=schedule.pool,
            **task_defaults(schedule),
        )
    return dag


for app in app_names(CONF):
    try:
        dag = build_vacuum(app, read_schedule(CONF, app, os.environ))
    except ScheduleError:
        continue  # refused_schedules.py shows what is wrong
    globals()[dag.dag_id] = dag
