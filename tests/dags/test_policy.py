"""What holds for every DAG that the configuration of this repository makes."""

import ast
from dataclasses import fields

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from app_schedule import Schedule, ScheduleError, app_names, read_schedule
from dag_folders import DAGS

from jobs.commands.env import environment
from jobs.core.config import load_settings
from jobs.core.errors import ConfigError
from jobs.core.home import Home

CONF = DAGS.parent / "conf"
APPS = app_names(CONF)
KINDS = ("nightly", "rollback", "vacuum")
FORBIDDEN = {"jobs", "expectations", "pyspark", "pandas", "numpy", "mlflow", "feast"}


@pytest.fixture
def bag() -> DagBag:
    return DagBag(dag_folder=str(DAGS))


@pytest.fixture(params=APPS)
def dag(request: pytest.FixtureRequest, bag: DagBag) -> DAG:
    return bag.dags[f"nightly_{request.param}"]


def imported_packages(source: str) -> set[str]:
    """First names of everything that a module imports, wherever in it."""
    packages: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            packages |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            packages.add((node.module or "").split(".")[0])
    return packages


@pytest.mark.parametrize("file", sorted(DAGS.glob("*.py")), ids=lambda file: file.name)
def test_dag_files_import_nothing_of_the_pipeline(file) -> None:
    assert not imported_packages(file.read_text()) & FORBIDDEN


def test_every_app_has_its_dags_and_the_companions_none(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == sorted(f"{kind}_{app}" for app in APPS for kind in KINDS)


def test_no_schedule_is_refused(dag: DAG) -> None:
    assert "refused" not in dag.tags


def test_a_dag_says_what_it_is(dag: DAG) -> None:
    assert "nightjar" in dag.tags
    assert dag.doc_md
    assert "Back-fill" in dag.doc_md
    assert all(task.doc_md for task in dag.tasks)


def test_runs_go_one_at_a_time_within_a_deadline(dag: DAG) -> None:
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert dag.dagrun_timeout is not None
    # Of each stage the hook; see time_left.py.
    assert {task.task_id for task in dag.tasks if task._pre_execute_hook is None} == {"withdraw"}


def test_companions_go_one_at_a_time_and_say_what_they_are(bag: DagBag) -> None:
    for dag in bag.dags.values():
        assert dag.max_active_runs == 1, dag.dag_id
        assert dag.catchup is False, dag.dag_id
        assert {"nightjar"} <= dag.tags, dag.dag_id
        assert dag.doc_md, dag.dag_id


def test_every_task_has_an_owner_retries_and_a_timeout(bag: DagBag) -> None:
    for task in (task for dag in bag.dags.values() for task in dag.tasks):
        assert task.owner not in ("", "airflow")
        assert task.retries >= 2
        assert task.execution_timeout is not None


def test_nights_of_all_apps_share_the_pool_that_env_names(bag: DagBag) -> None:
    """Side by side, one run of each app at a time: the pool's slots are what keeps the machine from being overrun."""
    at_work = [f"{kind}_{app}" for kind in ("nightly", "vacuum") for app in APPS]
    pools = {task.pool for dag_id in at_work for task in bag.dags[dag_id].tasks}
    settings = load_settings(APPS[0])

    named = environment(settings, Home(DAGS, settings.app))

    assert pools == {named["NIGHTJAR_POOL"]}
    assert int(named["NIGHTJAR_POOL_SLOTS"]) == settings.schedule.pool_slots >= 1
    assert "default_pool" not in pools, "which has 128 slots, and is everybody's"
    assert all(task.pool_slots == 1 for dag in bag.dags.values() for task in dag.tasks)


def test_a_night_is_at_most_thirteen_tasks_without_a_cycle(dag: DAG) -> None:
    assert len(dag.tasks) <= 13
    dag.check_cycle()


def test_a_task_is_named_by_its_stage(dag: DAG) -> None:
    for task in dag.tasks:
        assert f" {task.task_id} --app {dag.dag_id.removeprefix('nightly_')} --date " in task.bash_command


def test_only_withdraw_runs_where_something_failed(dag: DAG) -> None:
    rules = {task.task_id: task.trigger_rule.value for task in dag.tasks}

    assert rules.pop("withdraw") == "one_failed"
    assert set(rules.values()) == {"all_success"}


@pytest.mark.parametrize("profile", ["local", "production"])
@pytest.mark.parametrize("app", APPS)
def test_stages_and_dag_resolve_the_same_schedule(app: str, profile: str) -> None:
    resolved = load_settings(app, profile=profile).schedule

    schedule = read_schedule(CONF, app, {"NIGHTJAR_PROFILE": profile})

    assert {field.name for field in fields(Schedule)} == set(type(resolved).model_fields)
    for field in fields(Schedule):
        assert getattr(schedule, field.name) == getattr(resolved, field.name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("deadline_minutes", "0"),
        ("task_timeout_minutes", "0"),
        ("pool_slots", "0"),
        ("start_after_minutes", "1440"),
        ("alert_after_minutes", "-1"),
        ("retries", "-1"),
        ("retry_delay_seconds", "-1"),
    ],
)
def test_stages_and_dag_refuse_the_same_numbers(key: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    variable = f"NIGHTJAR__SCHEDULE__{key.upper()}"
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigError, match=key):
        load_settings(APPS[0])
    with pytest.raises(ScheduleError, match=key):
        read_schedule(CONF, APPS[0], {variable: value})
