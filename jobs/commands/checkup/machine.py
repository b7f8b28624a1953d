"""The machine: Java, disk, memory, who may read, and the ports of the user interfaces."""

import os
import shutil
import socket
import stat
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from jobs.adapters.spark.class_archive import archive_path
from jobs.adapters.spark.java import SUPPORTED, find_java, is_supported, java_version
from jobs.commands.checkup.finding import Finding, Findings, no_crash
from jobs.core.config import Settings
from jobs.core.config.model import DoctorSettings

_INSTALL = "make setup"
_GIB = 2**30
_UNITS = {"k": 2**10, "m": 2**20, "g": _GIB, "t": 2**40}
_HEALTH = {"airflow": "/api/v2/monitor/health", "mlflow": "/health"}
_START = {"airflow": "airflow standalone", "mlflow": "the command that `nightjar show` prints"}
_SOON = 2.0  # seconds in which a server on this machine answers


def look_at_machine(settings: Settings, root: Path) -> Findings:
    """All of it; `root` is ``NIGHTJAR_HOME``."""
    findings: Findings = []
    with no_crash(findings, "Java", _INSTALL):
        findings.append(_java())
    with no_crash(findings, "home", f"create {root}, or set NIGHTJAR_HOME to a folder that this user may write"):
        findings += [_home(root), _disk(root, settings.doctor)]
    findings += [_memory(settings), *(_port(name, port) for name, port in settings.doctor.ports.items())]
    return findings


def _java() -> Finding:
    java = find_java()
    version = java_version(java)
    if not is_supported(version):
        wanted = " or ".join(map(str, SUPPORTED))
        told = f"{java} is version {version}" if version else f"{java} does not start, or says no version"
        todo = f"{_INSTALL}, or set JAVA_HOME to such a Java"
        return Finding("Java", "wrong", f"{told}; Spark needs {wanted}", todo)
    if archive_path(java).is_file():
        return Finding("Java", "ok", f"{version}, {java}, with its class archive")
    told = f"{version}, {java}, without its class archive: Spark starts slowly"
    return Finding("Java", "note", told, "nightjar prepare")


def _home(root: Path) -> Finding:
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root):
        pass
    if stat.S_IMODE(root.stat().st_mode) & stat.S_IRWXO:
        return Finding("home", "note", f"{root} is open to every user of this machine", f"chmod o= {root}")
    return Finding("home", "ok", f"{root} can be written, and only owner and group can read it")


def _disk(root: Path, asked: DoctorSettings) -> Finding:
    free = shutil.disk_usage(root).free / _GIB
    told = f"{free:.1f} GiB free at {root}"
    if free >= asked.min_free_gib:
        return Finding("disk", "ok", told)
    todo = "nightjar vacuum --app APP --dry-run, then without --dry-run; see docs/operating.md, The disk fills"
    return Finding("disk", "wrong", f"{told}, at least {asked.min_free_gib:g} are asked (doctor.min_free_gib)", todo)


def _memory(settings: Settings) -> Finding:
    heap = _bytes(settings.spark.driver_memory) / _GIB
    wanted = heap + settings.doctor.min_free_memory_gib
    free = _available() / _GIB
    told = f"{free:.1f} GiB available, a stage may take {wanted:g} (spark.driver_memory, doctor.min_free_memory_gib)"
    if free >= wanted:
        return Finding("memory", "ok", told)
    return Finding("memory", "note", told, "lower spark.driver_memory, or schedule.pool_slots, or end other programs")


def _available() -> int:
    """Bytes that programs may still take: the kernel's own estimate, else what is free."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _bytes(text: str) -> int:
    """As Spark writes memory: 4g, 512m."""
    return int(float(text[:-1]) * _UNITS[text[-1].lower()]) if text[-1:].lower() in _UNITS else int(text)


def _port(name: str, port: int) -> Finding:
    subject = f"port {port}"
    with socket.socket() as probe:
        probe.settimeout(_SOON)
        if probe.connect_ex(("127.0.0.1", port)):
            return Finding(subject, "ok", f"free for {name}; nothing runs there", "")
    if _answers(name, port):
        return Finding(subject, "ok", f"{name} answers")
    todo = f"end what listens there (ss -ltnp 'sport = :{port}'), or give {name} another port and doctor.ports too"
    return Finding(
        subject, "note", f"taken by something that is not {name} ({_START.get(name, name)} would fail)", todo
    )


def _answers(name: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{_HEALTH.get(name, '/')}", timeout=_SOON) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
