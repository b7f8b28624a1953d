"""Whoever writes to standard error of a process that logs JSON, each line is an object that says whose it is."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "p@ss/w0rd"
DATE = "2025-03-01"
TOLD = {"app": "sample", "run_date": DATE, "stage": "die", "attempt": 3}
SCRIPT = Path(__file__).with_name("dying_command.py")


def ended(*arguments: str, form: str = "json") -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "AIRFLOW_CTX_TRY_NUMBER": "3",
        "NIGHTJAR__LOGGING__FORMAT": form,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://feast:p%40ss%2Fw0rd@db/feast",
        "PLANTED": PASSWORD,
    }
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)


def lines_of(*arguments: str) -> list[dict[str, Any]]:
    done = ended("die", "--app", "sample", "--date", DATE, *arguments)
    assert PASSWORD not in done.stderr
    assert done.returncode == 1
    # Not splitlines(), which knows more ends of lines than those who read logs.
    return [json.loads(line) for line in done.stderr.removesuffix("\n").split("\n")]


def test_warnings_and_exceptions_that_nobody_caught_are_lines_of_the_stage() -> None:
    lines = lines_of()

    assert [{key: line[key] for key in TOLD} for line in lines] == [TOLD] * len(lines)
    told = [(line["level"], line["message"]) for line in lines]
    expected = [
        ("WARNING", "%d of them, said %s (3,) (not formatted: not enough arguments for format string)"),
        ("WARNING", "UserWarning: an old call with ***\nsays so"),
        ("ERROR", "thread helper died: died in a thread of ***"),
        ("WARNING", "died while it was deleted of ***"),
        ("ERROR", "die crashed: died in the end of ***"),
        ("ERROR", "thread late died: died late of ***"),
        ("CRITICAL", "crashed: died at the exit of ***"),
    ]
    assert len(told) == len(expected)
    for (level, message), (wanted_level, wanted) in zip(told, expected, strict=True):
        assert level == wanted_level
        assert wanted in message
    assert all("Traceback" in line["error"] for line in lines[2:])


@pytest.mark.slow
def test_errors_of_sparks_java_and_warnings_of_its_workers_are_lines_of_the_stage(tmp_path: Path) -> None:
    lines = lines_of("--spark", str(tmp_path))

    assert all({"time", "level", "message"} <= line.keys() for line in lines)
    assert {(line["stage"], line["run_date"], line["attempt"]) for line in lines} == {
        ("die", DATE, 3),
        ("next_stage", "2025-03-02", 3),
    }
    said, masked = [line for line in lines if line["logger"].endswith("parquet.Writer")]
    assert masked["message"] == "at postgresql://***@db/feast"
    assert masked["error"].startswith("java.lang.RuntimeException: s3://***@b\n")
    assert said["message"] == 'a "quoted" word,\na \\ and a line\u2028break: ärger 🦉'
    assert said["error"].startswith("java.lang.RuntimeException: of\nJava\n\tat ")
    assert {**TOLD, "level": "ERROR", "time": said["time"]}.items() <= said.items()
    [other] = [line for line in lines if line["logger"] == "next"]
    assert (other["stage"], other["run_date"], other["level"]) == ("next_stage", "2025-03-02", "CRITICAL")
    assert "error" not in other
    on_workers = [line["stage"] for line in lines if "on a worker, ***" in line["message"]]
    assert on_workers == ["die", "next_stage"]
    failed = [line for line in lines if "Executor" in line["logger"]]
    assert any("DIVIDE_BY_ZERO" in line["error"] for line in failed)
    assert any(line["message"].startswith("die crashed") for line in lines)


def test_a_wrong_command_line_is_a_line_where_machines_read_and_usage_for_people() -> None:
    wrong = ("--app", "sample", "--date", "yesterday")
    machine, people = ended("die", *wrong), ended("die", *wrong, form="text")

    assert (machine.returncode, people.returncode) == (2, 2)
    line = json.loads(machine.stderr)
    assert (line["level"], line["stage"], line["attempt"]) == ("ERROR", "die", 3)
    assert "nightjar die: argument --date: 'yesterday' is not a date" in line["message"]
    assert people.stderr.startswith("usage: nightjar die ")


def test_a_range_says_its_last_date_outside_its_stages_as_within() -> None:
    done = ended("backfill", "--app", "sample", "--from", "2025-02-01", "--to", DATE, "--accept", "events.volume")

    line = json.loads(done.stderr.partition("\n")[0])
    assert "--accept needs --reason" in line["message"]
    assert {key: line[key] for key in TOLD} == {**TOLD, "stage": "backfill"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_form_tells_a_secret(form: str) -> None:
    done = ended("die", "--app", "sample", "--date", DATE, form=form)

    assert "died at the exit of ***" in done.stderr
    assert PASSWORD not in done.stderr
    assert done.stderr.startswith("{") == (form == "json")
