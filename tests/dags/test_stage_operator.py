import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jinja2
import pytest
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from stage_operator import NOT_CURED_BY_RETRY, StageOperator

from jobs.core import errors


def an_operator() -> StageOperator:
    """A rendered operator: Airflow does the rendering before it calls `execute`."""
    operator = StageOperator(stage="recommend", app="shop")
    macros = {"run_date": lambda run: "2025-03-01", "dag_run": None}
    operator.bash_command = jinja2.Template(operator.bash_command).render(macros)
    return operator


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script that stands where `nightjar` does."""
    script = tmp_path / "command"
    monkeypatch.setenv("NIGHTJAR_COMMAND", f"sh {script}")
    return script


def test_the_command_line_is_stage_app_and_day(command: Path, tmp_path: Path) -> None:
    command.write_text(f'echo "$@" > {tmp_path}/arguments')

    an_operator().execute({})

    assert (tmp_path / "arguments").read_text() == "recommend --app shop --date 2025-03-01\n"


def test_without_the_variable_the_command_is_nightjar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nightjar").write_text(f"#!/bin/sh\ntouch {tmp_path}/called\n")
    (tmp_path / "nightjar").chmod(0o755)
    monkeypatch.delenv("NIGHTJAR_COMMAND", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    an_operator().execute({})

    assert (tmp_path / "called").exists()


@pytest.mark.parametrize("code", [2, 3, 4, 5, 6, 7])
def test_what_a_retry_cannot_cure_is_not_retried(command: Path, code: int) -> None:
    command.write_text(f"exit {code}")

    with pytest.raises(AirflowFailException, match=f"exit code {code}"):
        an_operator().execute({})


@pytest.mark.parametrize("end", ["exit 1", "exit 8", "exit 9", "exit 10", "exit 99", "kill -9 $$"])
def test_everything_else_is_retried(command: Path, end: str) -> None:
    command.write_text(end)

    with pytest.raises(AirflowException) as caught:
        an_operator().execute({})

    assert type(caught.value) is AirflowException


def test_the_codes_are_those_of_the_pipeline() -> None:
    final = [
        errors.UsageError,
        errors.ConfigError,
        errors.InputError,
        errors.MissingPartitionError,
        errors.StateVersionError,
        errors.ChecksFailedError,
    ]

    assert set(NOT_CURED_BY_RETRY) == {error.exit_code for error in final}


def test_a_kill_reaches_the_whole_process_group(command: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    command.write_text(f"sleep 60 & touch {started}; wait")
    operator = an_operator()
    with ThreadPoolExecutor() as pool:
        execution = pool.submit(operator.execute, {})
        while not started.exists():
            time.sleep(0.05)

        operator.on_kill()

        # The task ends when the last process that holds its output has, so the child is gone as well.
        assert type(execution.exception(timeout=30)) is AirflowException
