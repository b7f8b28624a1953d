"""A night that a hanging stage holds past its deadline, under a real scheduler: it fails, alerts, and withdraws."""

import json
from pathlib import Path

import pytest
from airflow_database import airflow_database
from airflow_server import AirflowServer, wait_until
from dag_folders import DAGS, write_conf
from hook_server import HookServer
from recorder import Recorder

pytestmark = pytest.mark.slow

DAG, RUN, DAY = "nightly_shop", "too_long", "2025-03-05"
HANGING = "ingest_events"  # the first, so that a busy machine comes to it within the minute
SCHEDULE = "  deadline_minutes: 1\n  alert_after_minutes: 1\n  alert_webhook: night_hook\n"
MINUTES = 10  # for a busy machine


def test_a_night_past_its_deadline_fails_alerts_and_withdraws(tmp_path: Path) -> None:
    record = Recorder(tmp_path)
    (tmp_path / "airflow").mkdir()
    with HookServer().started() as hook, airflow_database() as database:
        variables = {
            "NIGHTJAR_CONF": str(write_conf(tmp_path / "conf", {"shop": SCHEDULE})),
            "NIGHTJAR_COMMAND": str(record.command),
            "HANGING_STAGE": HANGING,
            "AIRFLOW_CONN_NIGHT_HOOK": json.dumps({"conn_type": "http", "host": hook.address}),
            # The night of the real yesterday is none of ours.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        }
        with AirflowServer(tmp_path / "airflow", DAGS, variables, database).started() as airflow:
            conf = json.dumps({"run_date": DAY})
            airflow.run(["dags", "trigger", DAG, "--run-id", RUN, "--conf", conf], ["dags", "unpause", DAG])
            wait_until(
                lambda: airflow.run_state(DAG, RUN) not in ("queued", "running"),
                seconds=60 * MINUTES,
                what="the night to end",
            )
            wait_until(lambda: bool(hook.posts), seconds=60 * MINUTES, what="the alert of the night")
            tasks = airflow.tasks(DAG, RUN)
            state = airflow.run_state(DAG, RUN)

    assert state == "failed"
    assert [(facts["app"], facts["run_date"]) for _, facts in hook.posts] == [("shop", DAY)]
    assert record.calls("shop") == [(HANGING, DAY), ("withdraw", DAY)]
    assert (tasks[HANGING]["state"], tasks[HANGING]["try_number"]) == ("failed", 1)
    assert tasks["withdraw"]["state"] == "success"
    assert {task["state"] for name, task in tasks.items() if name not in (HANGING, "withdraw")} == {"upstream_failed"}
    [log] = (tmp_path / "airflow" / "logs").glob(f"dag_id={DAG}/run_id={RUN}/task_id={HANGING}/*.log")
    assert "the night's deadline (1 minutes) has passed" in log.read_text()
