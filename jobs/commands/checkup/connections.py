"""What the stages talk to: the logs, Spark's master, MLflow, the online store and registry, Airflow."""

import socket
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from jobs.adapters.online import open_store
from jobs.adapters.online.registry_database import has_project
from jobs.adapters.tracking.uri import tracking_uri
from jobs.commands.checkup.dags import look_at_dags
from jobs.commands.checkup.finding import Finding, Findings, no_crash
from jobs.commands.checkup.logs import look_at_logs
from jobs.commands.checkup.pool import look_at_pool
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
    with no_crash(findings, "Feast registry", "start the server, or set NIGHTJAR__ONLINE__REGISTRY"):
        findings += _registry(settings)
    with no_crash(findings, "Airflow pool", "airflow pools list"):
        findings.append(look_at_pool(settings, home))
    with no_crash(findings, "Airflow DAGs", "airflow dags list"):
        findings += look_at_dags(settings, home)
    return findings


def _spark(settings: Settings) -> Finding:
    master = settings.spark.master
    if not master.startswith("spark://"):
        return Finding("Spark", "ok", f"master {master}")
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=_SOON).close()
        except OSError as error:
            todo = "start the master, or set NIGHTJAR__SPARK__MASTER"
            return Finding("Spark", "wrong", f"master spark://{address} does not answer: {error}", todo)
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
    except OSError as error:
        told = f"{masked(uri)} does not answer: {getattr(error, 'reason', error)}"
        return Finding("MLflow", "wrong", told, "start the server, or set NIGHTJAR__TRACKING__URI")


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


def _registry(settings: Settings) -> Findings:
    """Whether a database answers, also before anything was applied: else the first `publish` would find out."""
    address = settings.online.registry
    if not address:
        return []
    told = "holds views" if has_project(address, settings.app) else "has no view yet; the first publish applies them"
    return [Finding("Feast registry", "ok", f"{masked(address)} answers and {told}")]
