"""Airflow's pool: is it there, and as large as the configuration says?"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from jobs.commands.checkup.finding import Finding
from jobs.commands.env import environment
from jobs.core.config import Settings
from jobs.core.home import Home

_LONG = 120.0  # seconds; Airflow's command line takes about ten to start on a busy machine
# The line of a traceback that says what was wrong: what follows it are the statement and an address of a manual.
_RAISED = re.compile(r"^[\w.]*(?:Error|Exception|Exit)\b.*", re.MULTILINE)


def look_at_pool(settings: Settings, home: Home) -> Finding:
    """Airflow is asked by its own command, since nothing of ours imports it."""
    wanted, subject = settings.schedule.pool, f"pool {settings.schedule.pool}"
    variables = {**environment(settings, home), **os.environ}
    if not _is_set_up(variables):
        return Finding(subject, "ok", "no Airflow is set up here, so nothing to look at")
    answer = _ask(variables)
    pools = _pools(answer.stdout) if answer.returncode == 0 else None
    if pools is None:
        told = f"`airflow pools list` ended with {answer.returncode}: {_message(answer)}"
        return Finding(subject, "wrong", told, "mend what Airflow says; a new database needs `airflow db migrate`")
    todo = f'airflow pools set {wanted} {settings.schedule.pool_slots} "Stages at a time on this machine"'
    if wanted not in pools:
        return Finding(subject, "wrong", "does not exist: no task of ours would ever start", todo)
    if pools[wanted] != settings.schedule.pool_slots:
        return Finding(subject, "note", f"{pools[wanted]} slots, schedule.pool_slots says otherwise", todo)
    return Finding(subject, "ok", f"{pools[wanted]} slots")


def _is_set_up(variables: Mapping[str, str]) -> bool:
    database = variables.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    return bool(shutil.which("airflow") and (database or Path(variables["AIRFLOW_HOME"], "airflow.db").is_file()))


def _ask(variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = ["airflow", "pools", "list", "--output", "json"]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=_LONG, check=False)


def _pools(printed: str) -> dict[str, int] | None:
    """Slots by name; None where no line is a list. Lines of a log may stand before it, and begin with a bracket."""
    for line in reversed(printed.splitlines()):
        if line.startswith("[{"):
            return {pool["pool"]: int(pool["slots"]) for pool in json.loads(line)}
    return None


def _message(answer: subprocess.CompletedProcess[str]) -> str:
    said = answer.stderr.strip() or answer.stdout.strip()
    raised = _RAISED.findall(said)
    return raised[-1] if raised else (said.splitlines() or ["it said nothing"])[-1]
