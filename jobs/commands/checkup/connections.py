"""What the stages talk to: the log's folder, Spark's master, MLflow, the online store, Airflow's pool."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from jobs.adapters.online import open_store
from jobs.adapters.tracking.uri import tracking_uri
from jobs.commands.checkup.finding import Finding, Findings, no_crash
from jobs.commands.checkup.logs import look_at_logs
from jobs.commands.env import environment
from jobs.core.config import Settings
from jobs.core.home import Home
from jobs.core.secrets import masked

_SOON = 5.0  # seconds; a server that takes longer than that for one answer is as good as away
_SQLITE = "sqlite:///"


def look_at_connections(settings: Settings, home: Home) -> Findings:
    """All of them, for one app."""
    findings: Findings = look_at_logs(settings, home)
    with no_crash(findings, "Spark", "start the master, or set NIGHTJAR__SPARK__MASTER"):
        findings.append(_spark(settings))
    with no_crash(findings, "MLflow", "start the server, or set NIGHTJAR__TRACKING__URI"):
        findings.append(_mlflow(settings, home))
    with no_crash(findings, "online store", "start the server, or set NIGHTJAR__ONLINE__REDIS"):
        findings.append(_store(settings, home))
    with no_crash(findings, "Airflow pool", "airflow pools list"):
        findings.append(_pool(settings, home))
    return findings


def _spark(settings: Settings) -> Finding:
    master = settings.spark.master
    if not master.startswith("spark://"):
        return Finding("Spark", "ok", f"master {master}")
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=_SOON):
            pass
    return Finding("Spark", "ok", f"master {master} answers")


def _mlflow(settings: Settings, home: Home) -> Finding:
    uri = tracking_uri(settings, home)
    if uri.startswith(_SQLITE):
        return _sqlite(Path(uri.removeprefix(_SQLITE)))
    if urlsplit(uri).scheme not in ("http", "https"):
        return Finding("MLflow", "note", f"{masked(uri)} is no server; not looked at")
    plain = urlsplit(uri)
    address = f"{plain.scheme}://{plain.netloc.rpartition('@')[2]}/health"
    try:
        with urllib.request.urlopen(address, timeout=_SOON):
            return Finding("MLflow", "ok", f"{masked(uri)} answers")
    except urllib.error.HTTPError as error:
        told = f"{masked(uri)} answers {error.code}"
        return Finding("MLflow", "wrong", told, "look at the server's log; NIGHTJAR__TRACKING__URI names it")


def _sqlite(database: Path) -> Finding:
    if not database.is_file():
        return Finding("MLflow", "ok", f"{database} is made by the first training")
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        [number] = connection.execute("SELECT count(*) FROM model_versions").fetchone()
    return Finding("MLflow", "ok", f"{database}, {number:,} model versions")


def _store(settings: Settings, home: Home) -> Finding:
    served = open_store(settings, home).served()
    told = f"{settings.online.store}, serves {served.generation}" if served else f"{settings.online.store}, empty"
    return Finding("online store", "ok", told)


def _pool(settings: Settings, home: Home) -> Finding:
    """Airflow is asked by its own command, since nothing of ours imports it."""
    wanted, subject = settings.schedule.pool, f"pool {settings.schedule.pool}"
    told = {**environment(settings, home), **os.environ}
    database = told.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    if not shutil.which("airflow") or not (database or Path(told["AIRFLOW_HOME"], "airflow.db").is_file()):
        return Finding(subject, "ok", "no Airflow is set up here, so nothing to look at")
    command = ["airflow", "pools", "list", "--output", "json"]
    answer = subprocess.run(command, env=told, capture_output=True, text=True, timeout=120, check=True)
    pools = {pool["pool"]: int(pool["slots"]) for pool in json.loads(answer.stdout[answer.stdout.index("[") :])}
    todo = f'airflow pools set {wanted} {settings.schedule.pool_slots} "Stages at a time on this machine"'
    if wanted not in pools:
        return Finding(subject, "wrong", "does not exist: no task of ours would ever start", todo)
    if pools[wanted] != settings.schedule.pool_slots:
        return Finding(subject, "note", f"{pools[wanted]} slots, schedule.pool_slots says otherwise", todo)
    return Finding(subject, "ok", f"{pools[wanted]} slots")
