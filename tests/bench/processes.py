"""Whole processes, measured from outside: wall seconds, and the memory of the process and its children."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

GIB = 2**30
LOOK_SECONDS = 1.0
"""Between two looks at the memory: one at a large Java process takes some twenty milliseconds of the cores that the
night runs on."""


@dataclass(frozen=True)
class Measured:
    """One finished process.

    Attributes
    ----------
    seconds
        From its start to its end.
    peak_gib
        Largest sum over the process and its children, memory that several share counted once (PSS).
    output
        What it wrote to stdout.
    """

    seconds: float
    peak_gib: float
    output: str


def measure(
    command: Sequence[str], environment: Mapping[str, str], log: Path, beside: Sequence[int] = ()
) -> Measured:
    """Run a command to its end; what it says on stderr goes to the end of `log`.

    Processes `beside`, such as workers that it asks, count for the memory with their children.

    Raises
    ------
    SystemExit
        If it fails.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with log.open("ab") as errors:
        process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, stderr=errors, text=True)
        peak = _Peak(process.pid, *beside)
        output, _ = process.communicate()
        seconds = time.monotonic() - start
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}; what it said is at the end of {log}")
    return Measured(seconds, peak.stop() / GIB, output)


class _Peak:
    """Looks at the memory of processes and their children until it is stopped."""

    def __init__(self, *pids: int) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self._largest = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Bytes at the peak."""
        self._ended.set()
        self._thread.join()
        return self._largest

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._largest = max(self._largest, self._bytes())

    def _bytes(self) -> int:
        return sum(_bytes_of(process) for root in self._processes for process in _tree(root))


def _tree(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def _bytes_of(process: psutil.Process) -> int:
    """PSS where the system tells it (Linux), else RSS; 0 of a process that has just ended."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(memory, "pss", memory.rss))
