from types import SimpleNamespace

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import AirflowFailException


def command_of(bag: DagBag, given: dict[str, object] | None) -> str:
    """The shell command of a run with this conf, as Airflow renders it."""
    dag = bag.dags["rollback_shop"]
    [task] = dag.tasks
    context = {"dag_run": SimpleNamespace(run_id="manual_1", conf=given)}
    return task.render_template(task.bash_command, {**context, **dag.user_defined_macros})


def test_only_a_person_starts_it_and_it_never_waits_for_a_night(bag: DagBag) -> None:
    dag = bag.dags["rollback_shop"]

    assert not dag.timetable.can_be_scheduled
    assert [task.pool for task in dag.tasks] == ["default_pool"]
    assert bag.import_errors == {}


def test_the_generation_given_is_what_the_command_gets(bag: DagBag) -> None:
    command = command_of(bag, {"to": "2025-02-28-3f9c01aa"})

    assert command.endswith(" rollback --app shop --to 2025-02-28-3f9c01aa")


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"to": None},
        *({"to": f"2025-02-28{end}"} for end in ("", "-3f9c01aa; reboot", "-3f9c01aa\n", "-3F9C01AA")),
    ],
)
def test_anything_else_is_refused_before_a_command_is_made(bag: DagBag, given: dict[str, object] | None) -> None:
    with pytest.raises(AirflowFailException, match="YYYY-MM-DD-xxxxxxxx"):
        command_of(bag, given)
