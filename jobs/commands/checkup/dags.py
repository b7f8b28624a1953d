"""Airflow's DAGs of an app: are they known, and switched on?"""

from jobs.commands.checkup.airflow import ask_airflow
from jobs.commands.checkup.finding import Finding, Findings
from jobs.core.config import Settings
from jobs.core.home import Home

# What does not happen while it is paused, as every new DAG is.
_PAUSED = {"nightly": "no night starts by itself", "vacuum": "nothing is swept, and the disk fills"}


_UNKNOWN = "airflow dags list-import-errors; where it lists none, start the DAG processor"


def look_at_dags(settings: Settings, home: Home) -> Findings:
    """Nothing where Airflow gives no list: `look_at_pool` passes on why."""
    answer = ask_airflow(settings, home, "dags", "list")
    if answer is None or answer.rows is None:
        return []
    # Its command prints a word, not a boolean.
    found = [row for row in answer.rows if str(row.get("is_stale")) != "True"]
    paused = {row["dag_id"]: str(row["is_paused"]) == "True" for row in found}
    return [_look_at(f"{kind}_{settings.app}", consequence, paused) for kind, consequence in _PAUSED.items()]


def _look_at(dag: str, consequence: str, paused: dict[str, bool]) -> Finding:
    subject = f"DAG {dag}"
    if dag not in paused:
        return Finding(subject, "wrong", "Airflow does not know it", _UNKNOWN)
    if paused[dag]:
        return Finding(subject, "note", f"is paused: {consequence}", f"airflow dags unpause {dag}")
    return Finding(subject, "ok", "is on")
