"""Asks Airflow by its own command, since nothing of ours imports it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.commands.env import environment
from jobs.core.config import Settings
from jobs.core.home import Home

_LONG = 120.0  # seconds; Airflow's command line takes about ten to start on a busy machine
# The line of a traceback that says what was wrong: what follows it are the statement and an address of a manual.
_RAISED = re.compile(r"^[\w.]*(?:Error|Exception|Exit)\b.*", re.MULTILINE)


@dataclass(frozen=True)
class Answer:
    """What it said: rows of a list, or None where it gave none, and then how it ended, in one line."""

    rows: list[dict[str, Any]] | None
    said: str


def ask_airflow(settings: Settings, home: Home, *command: str) -> Answer | None:
    """Ask for a list, such as `pools list`; None where no Airflow is set up here."""
    variables = {**environment(settings, home), **os.environ}
    if not _is_set_up(variables):
        return None
    asked = ["airflow", *command, "--output", "json"]
    done = subprocess.run(asked, env=variables, capture_output=True, text=True, timeout=_LONG, check=False)
    rows = _rows(done.stdout) if done.returncode == 0 else None
    return Answer(rows, f"`airflow {' '.join(command)}` ended with {done.returncode}: {_message(done)}")


def _is_set_up(variables: Mapping[str, str]) -> bool:
    database = variables.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    return bool(shutil.which("airflow") and (database or Path(variables["AIRFLOW_HOME"], "airflow.db").is_file()))


def _rows(printed: str) -> list[dict[str, Any]] | None:
    """None where no line is a list. Lines of a log may stand before it, and begin with a bracket."""
    for line in reversed(printed.splitlines()):
        if line == "[]" or line.startswith("[{"):
            found: list[dict[str, Any]] = json.loads(line)
            return found
    return None


def _message(answer: subprocess.CompletedProcess[str]) -> str:
    said = answer.stderr.strip() or answer.stdout.strip()
    raised = _RAISED.findall(said)
    return raised[-1] if raised else (said.splitlines() or ["it said nothing"])[-1]
