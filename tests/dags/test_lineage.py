"""OpenLineage by configuration: what Airflow's provider tells of a night, where it is installed."""

import json
from pathlib import Path

import pytest
from airflow_server import AirflowServer
from dag_folders import DAGS, write_conf
from recorder import Recorder

pytestmark = pytest.mark.slow

SECRET = "pl4nted-s3cret"


def test_a_night_is_told_task_by_task_and_no_secret_with_it(tmp_path: Path) -> None:
    pytest.importorskip(
        "airflow.providers.openlineage", reason="not in the lock file: apache-airflow-providers-openlineage"
    )
    variables = {
        "NIGHTJAR_CONF": str(write_conf(tmp_path / "conf", {"shop": "  owner: us\n"})),
        "NIGHTJAR_COMMAND": str(Recorder(tmp_path).command),
        "NIGHTJAR__ONLINE__REDIS": f"redis:6379,password={SECRET}",
        "AIRFLOW__OPENLINEAGE__NAMESPACE": "nightjar",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "file", "log_file_path": str(tmp_path / "told")}),
    }
    (tmp_path / "airflow").mkdir()
    airflow = AirflowServer(tmp_path / "airflow", DAGS, variables)
    airflow.prepare()
    airflow.run(["dags", "test", "nightly_shop", "--conf", json.dumps({"run_date": "2025-03-01"})])

    told = "".join(path.read_text() for path in tmp_path.glob("told*"))
    events = [json.loads(line) for line in told.splitlines()]
    ended = {event["job"]["name"] for event in events if event["eventType"] == "COMPLETE"}
    assert {"nightly_shop", "nightly_shop.clean_events", "nightly_shop.publish", "nightly_shop.report"} <= ended
    assert SECRET not in told
