import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout
from airflow.sdk.execution_time.timeout import timeout
from app_schedule import Schedule, read_schedule
from dag_folders import DAGS
from stage_operator import StageOperator
from time_left import deadline, keep_deadline, time_limit

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def schedules() -> dict[str, str]:
    return {"shop": "  deadline_minutes: 60\n  task_timeout_minutes: 30\n"}


@pytest.fixture
def schedule(conf: Path) -> Schedule:
    return read_schedule(conf, "shop", {})


def a_stage(task_timeout: timedelta = 30 * MINUTE) -> StageOperator:
    return StageOperator(stage="recommend", app="shop", execution_timeout=task_timeout)


def a_run(start: datetime, due: datetime | None = None) -> SimpleNamespace:
    return SimpleNamespace(run_id="r", start_date=start, run_after=due or start)


def keep(stage: StageOperator, schedule: Schedule, age: timedelta) -> None:
    keep_deadline({"dag_run": a_run(datetime.now(UTC) - age), "task": stage}, schedule=schedule)


def test_a_stage_far_from_the_deadline_has_the_time_of_a_stage(schedule: Schedule) -> None:
    stage = a_stage()

    keep(stage, schedule, age=20 * MINUTE)

    assert (stage.execution_timeout, stage.why_final) == (30 * MINUTE, "")


def test_a_stage_near_the_deadline_has_what_is_left(schedule: Schedule) -> None:
    stage = a_stage()

    keep(stage, schedule, age=50 * MINUTE)

    assert 9 * MINUTE < stage.execution_timeout <= 10 * MINUTE


def test_no_stage_begins_after_the_deadline(schedule: Schedule) -> None:
    with pytest.raises(AirflowFailException, match=r"deadline \(60 minutes\) has passed"):
        keep(a_stage(), schedule, age=HOUR)


def test_the_time_of_a_night_that_began_late_is_not_shorter(schedule: Schedule) -> None:
    due, start = datetime(2025, 3, 10, tzinfo=UTC), datetime(2025, 3, 10, 7, tzinfo=UTC)

    assert deadline(a_run(start, due), schedule) == start + HOUR


def test_a_tested_run_which_says_that_it_began_at_its_logical_date_has_its_time(schedule: Schedule) -> None:
    now = datetime.now(UTC)

    assert deadline(a_run(datetime(2025, 3, 9, tzinfo=UTC), due=now), schedule) == now + HOUR


@pytest.mark.parametrize(("why_final", "expected"), [("time is up", AirflowFailException), ("", AirflowTaskTimeout)])
def test_a_stage_that_the_deadline_ends_is_not_tried_again_and_leaves_nothing_running(
    why_final: str, expected: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "command"
    script.write_text(f"trap 'touch {tmp_path}/ended; exit 1' TERM; touch {tmp_path}/began; sleep 60 & wait")
    monkeypatch.setenv("NIGHTJAR_COMMAND", f"sh {script}")
    stage = a_stage()
    stage.why_final = why_final
    stage.bash_command = stage.bash_command.partition(" --date")[0]

    with pytest.raises(expected), timeout(2):
        stage.execute({})

    assert (tmp_path / "began").exists()
    if why_final:  # else it is for Airflow to end it
        end = time.monotonic() + 30
        while not (tmp_path / "ended").exists():
            assert time.monotonic() < end, "the command goes on"
            time.sleep(0.05)


def test_every_stage_keeps_the_deadline_but_withdraw_which_has_time_after_it(conf: Path, schedule: Schedule) -> None:
    dag = DagBag(dag_folder=str(DAGS)).dags["nightly_shop"]
    late = {"dag_run": a_run(datetime.now(UTC) - HOUR)}

    for task in dag.tasks:
        if task.task_id == "withdraw":
            assert task._pre_execute_hook is None
        else:
            with pytest.raises(AirflowFailException, match="deadline"):
                task._pre_execute_hook({**late, "task": task})
    assert dag.dagrun_timeout == time_limit(schedule) == HOUR + dag.task_dict["withdraw"].execution_timeout
