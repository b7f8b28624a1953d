"""A wrong `schedule:` of one app: an import error that names it, nights that fail and alert, no harm to others."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException
from airflow_server import AirflowServer
from dag_folders import DAGS, write_conf
from recorder import Recorder

RIGHT = "  time_zone: Asia/Tokyo\n  alert_webhook: ours\n"
ONE_KEY, ONE_VALUE, ALL = f"{RIGHT}  retires: 3\n", f"{RIGHT}  deadline_minutes: 0\n", "  retries: [\n"
WRONG = {"one_key": ONE_KEY, "one_value": ONE_VALUE, "all": ALL}
ERROR_FILE = "refused_schedules.py"


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One app that is right and three that are wrong; the profile alerts too."""
    conf = write_conf(tmp_path / "conf", {"shop": RIGHT, **WRONG})
    (conf / "local.yaml").write_text("schedule: {alert_webhook: everybody}\n")
    (conf / "apps" / "My shop.yaml").write_text("app: x\n")
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    return conf


@pytest.fixture(params=WRONG)
def refused(request: pytest.FixtureRequest, bag: DagBag) -> DAG:
    return bag.dags[f"nightly_{request.param}"]


def test_an_import_error_names_every_mistake_and_takes_no_dag_away(bag: DagBag) -> None:
    [(file, told)] = bag.import_errors.items()

    assert Path(file).name == ERROR_FILE
    assert "one_key.yaml: schedule has an unknown key 'retires'; did you mean 'retries'?" in told
    assert "one_value.yaml: schedule.deadline_minutes must be from 1" in told
    assert "all.yaml: not valid YAML" in told
    assert "got 'My shop'; rename the file" in told
    # What a person starts and what sweeps the disk would only fail as well.
    assert sorted(bag.dags) == sorted(
        ["nightly_shop", "rollback_shop", "vacuum_shop", *(f"nightly_{app}" for app in WRONG)]
    )


def test_no_stage_of_a_refused_night_runs(refused: DAG) -> None:
    assert "refused" in refused.tags
    first = refused.task_dict["ingest_events"]

    with pytest.raises(AirflowFailException, match=refused.dag_id.removeprefix("nightly_") + r"\.yaml"):
        first._pre_execute_hook({"task": first})


def test_a_refused_night_has_a_deadline_and_an_alert(refused: DAG) -> None:
    base = {"deadline_minutes": 60, "task_timeout_minutes": 10}
    channel = {"nightly_all": "everybody"}.get(refused.dag_id, "ours")

    assert refused.dagrun_timeout == timedelta(minutes=sum(base.values()))
    [alert] = refused.deadline
    assert alert.callback.kwargs["webhook"] == channel


def test_a_mistake_changes_neither_days_nor_tasks(bag: DagBag) -> None:
    """Nights before it and after its mending are those of one DAG; one that is under way goes on, or ends in red."""
    right, wrong = bag.dags["nightly_shop"], bag.dags["nightly_one_key"]

    assert str(wrong.timetable.timezone) == "Asia/Tokyo"
    assert {name: task.downstream_task_ids for name, task in wrong.task_dict.items()} == {
        name: task.downstream_task_ids for name, task in right.task_dict.items()
    }


def test_what_is_wrong_for_all_apps_and_leaves_no_schedule_is_an_error_of_the_nights(conf: Path) -> None:
    (conf / "base.yaml").write_text("schedule: {}\n")

    errors = DagBag(dag_folder=str(DAGS)).import_errors

    assert {Path(file).name for file in errors} == {ERROR_FILE, "nightly.py"}


@pytest.mark.slow
def test_airflow_shows_the_error_and_keeps_the_other_apps_nights(conf: Path, tmp_path: Path) -> None:
    record = Recorder(tmp_path)
    home = tmp_path / "airflow"
    home.mkdir()
    variables = {"NIGHTJAR_CONF": str(conf), "NIGHTJAR_COMMAND": str(record.command)}
    # Airflow 3.3.2 ends `dags test` of a DAG that alerts with an error of its own (its issue 73428).
    variables["NIGHTJAR__SCHEDULE__ALERT_WEBHOOK"] = ""
    airflow = AirflowServer(home, DAGS, variables)
    airflow.prepare(["dags", "reserialize"])
    night = ["dags", "test", "nightly_one_key", "--conf", json.dumps({"run_date": "2025-03-05"})]

    told = airflow.fails(["dags", "list-import-errors", "--output", "json"], {})
    failed = airflow.fails(night, {})
    printed = airflow.run(["dags", "details", "nightly_shop", "--output", "json"])
    [other] = json.loads(printed.splitlines()[-1])

    assert ERROR_FILE in told
    assert "did you mean 'retries'?" in told
    assert "nightly.py" not in told
    assert "did you mean 'retries'?" in failed
    assert record.calls("one_key") == [("withdraw", "2025-03-05")], "which the stage itself refuses, where it does"
    assert (other["is_stale"], other["has_import_errors"]) == ("False", "False")
