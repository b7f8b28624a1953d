"""Thirty days by `airflow backfill create` under a real scheduler: in order, each night as parallel as it may be."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from airflow_database import airflow_database
from airflow_server import AirflowServer, wait_until
from dag_folders import DAGS, write_conf
from recorder import Recorder

# Some four hundred tasks.
pytestmark = pytest.mark.long

APP = "in_utc"
DAG = f"nightly_{APP}"
DAYS = [date(2025, 3, 1) + timedelta(day) for day in range(30)]
STAGES = 12


def test_thirty_days_of_a_back_fill_run_in_order(tmp_path: Path) -> None:
    record = Recorder(tmp_path)
    conf = write_conf(tmp_path / "conf", {APP: "  time_zone: UTC\n"})
    variables = {
        "NIGHTJAR_CONF": str(conf),
        "NIGHTJAR_COMMAND": str(record.command),
        # The night of the real yesterday is none of ours.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    first, last = (f"{day}T00:00+00:00" for day in (DAYS[0], DAYS[-1]))
    home = tmp_path / "airflow"
    home.mkdir()
    with airflow_database() as database, AirflowServer(home, DAGS, variables, database).started() as airflow:
        airflow.run(
            ["backfill", "create", "--dag-id", DAG, "--from-date", first, "--to-date", last],
            ["dags", "unpause", DAG],
        )
        wait_until(lambda: record.nights(APP) == len(DAYS), seconds=3600, what="thirty nights to end", every=5)

    assert [day for _, day in record.calls(APP)] == [str(day) for day in DAYS for _ in range(STAGES)]
    together = {frozenset(stage for stage, _, _ in calls) for calls in record.at_once()}
    assert any({"train_recommender", "train_predictions"} <= stages for stages in together)
