"""Which stages run at this moment: a small file each, gone when the stage ends. No stage decides by it.

A stage that was killed leaves its file, which names the process; `nightjar doctor` tells the dead from the living.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from jobs.adapters.lake.files import write_atomic


@dataclass(frozen=True)
class RunningStage:
    """One of them.

    Attributes
    ----------
    stage, run_date
        What runs.
    host, pid, born
        The process; `born` tells it from a later one of the same number, empty where there is no /proc.
    since
        UTC: when it began.
    file
        The file that says so.
    """

    stage: str
    run_date: date
    host: str
    pid: int
    born: str
    since: datetime
    file: Path

    @property
    def is_here(self) -> bool:
        """Whether it runs on this host, so that one can look whether it lives."""
        return self.host == socket.gethostname()

    @property
    def is_dead(self) -> bool:
        """Whether its process has ended; of another host's nobody here can say."""
        return self.is_here and (not _lives(self.pid) or _born(self.pid) != self.born)


@contextmanager
def noted_as_running(folder: Path, stage: str, run_date: date) -> Iterator[None]:
    """Keep the file of a stage while it runs; one that cannot be written or removed fails nothing."""
    host, pid = socket.gethostname(), os.getpid()
    # Of two containers that share a home the processes may have one number.
    file = folder / f"{run_date}.{stage}.{host}.{pid}.json"
    told = {"stage": stage, "run_date": str(run_date), "host": host, "pid": pid, "born": _born(pid)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, stage, run_date)
        write_atomic(file, json.dumps({**told, "since": datetime.now(UTC).isoformat(timespec="seconds")}) + "\n")
    except OSError:
        pass
    try:
        yield
    finally:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def running_stages(folder: Path) -> list[RunningStage]:
    """All that have a file, oldest first; a file that cannot be understood is passed over."""
    found = [_read(file) for file in sorted(folder.glob("*.json"))]
    return sorted((one for one in found if one), key=lambda one: (one.since, one.file.name))


def living_here(folder: Path) -> set[Path]:
    """Files of the stages that live on this host, however long ago they began."""
    return {one.file for one in running_stages(folder) if one.is_here and not one.is_dead}


def _sweep(folder: Path, stage: str, run_date: date) -> None:
    """Remove what dead runs of the same stage and date left: this one takes their place."""
    for one in running_stages(folder):
        if one.stage == stage and one.run_date == run_date and one.is_dead:
            one.file.unlink(missing_ok=True)


def _read(file: Path) -> RunningStage | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        since, day = datetime.fromisoformat(told["since"]), date.fromisoformat(told["run_date"])
        return RunningStage(told["stage"], day, told["host"], int(told["pid"]), told["born"], since, file)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _born(pid: int) -> str:
    """Ticks after boot at which a process began: field 22 of proc(5)."""
    try:
        # The second field is the command in brackets, and may itself hold both.
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""
