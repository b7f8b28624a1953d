"""Airflow's pool: is it there, and as large as the configuration says?"""

from jobs.commands.checkup.airflow import ask_airflow
from jobs.commands.checkup.finding import Finding
from jobs.core.config import Settings
from jobs.core.home import Home


def look_at_pool(settings: Settings, home: Home) -> Finding:
    """Also what Airflow says where it gives no list."""
    wanted, subject = settings.schedule.pool, f"pool {settings.schedule.pool}"
    answer = ask_airflow(settings, home, "pools", "list")
    if answer is None:
        return Finding(subject, "ok", "no Airflow is set up here, so nothing to look at")
    if answer.rows is None:
        todo = "mend what Airflow says; a new database needs `airflow db migrate`"
        return Finding(subject, "wrong", answer.said, todo)
    pools = {row["pool"]: int(row["slots"]) for row in answer.rows}
    todo = f'airflow pools set {wanted} {settings.schedule.pool_slots} "Stages at a time on this machine"'
    if wanted not in pools:
        return Finding(subject, "wrong", "does not exist: no task of ours would ever start", todo)
    if pools[wanted] != settings.schedule.pool_slots:
        return Finding(subject, "note", f"{pools[wanted]} slots, schedule.pool_slots says otherwise", todo)
    return Finding(subject, "ok", f"{pools[wanted]} slots")
