"""A server as a process of its own: started, asked whether it answers, killed, paused and stopped by its id."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HOST = "127.0.0.1"
START_SECONDS = 180  # of a machine that does much else; one that has ended is noticed at once
STOP_SECONDS = 15

# Below those that systems give to outgoing connections (Linux: from 32768 on): none of these takes a port between
# the moment when it is found free and the one when its server listens.
PORTS = range(20_000, 32_000)


class NoServerError(RuntimeError):
    """A server is neither installed nor carried by a wheel; says how to get it."""


def free_port() -> int:
    """A port of this machine that nobody listens on now, drawn so that test runs side by side find different ones."""
    for port in random.SystemRandom().sample(PORTS, 200):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise RuntimeError(f"none of 200 ports of {HOST} between {PORTS.start} and {PORTS.stop} is free")


def listens(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


@dataclass
class Server:
    """One server.

    Attributes
    ----------
    name
        Names its log.
    command
        What starts it; it stays in the foreground.
    folder
        Where its log goes.
    is_ready
        Whether it answers; asked with itself.
    environment
        Its variables.
    user
        Whose process it is; None: ours.
    farewell
        Signal that asks it to end.
    """

    name: str
    command: Sequence[str]
    folder: Path
    is_ready: Callable[["Server"], bool]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    user: str | None = None
    farewell: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    _said_before: int = 0

    def start(self) -> "Server":
        """Start it and wait until it answers.

        Raises
        ------
        TimeoutError
            If it does not answer in time, or has ended; with the end of its log.
        """
        with self.log.open("ab") as output:
            self._said_before = output.tell()
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                group=None,
            )
        try:
            self._wait()
        except BaseException:
            # Whoever is told to end meanwhile has nothing to stop yet.
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """End it as an operator would, with all that it started."""
        self._end(self.farewell)

    def kill(self) -> None:
        """End it as a lost machine would, with all that it started."""
        self._end(signal.SIGKILL)

    @property
    def has_ended(self) -> bool:
        """Whether its process is gone, though it was started."""
        return self.process is not None and self.process.poll() is not None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / f"{self.name}.log"

    def said(self) -> str:
        """What it has said since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self._said_before)
            return log.read().decode(errors="replace")

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while not self.is_ready(self):
            if self.has_ended or time.monotonic() > until:
                how = "has ended" if self.has_ended else f"does not answer within {START_SECONDS} s"
                told = self.said()[-3000:]
                raise TimeoutError(f"{self.name} {how}; command: {' '.join(self.command)}; {self.log} ends:\n{told}")
            time.sleep(0.2)

    def _end(self, sign: signal.Signals) -> None:
        """Some of what it started leads a session of its own (PostgreSQL's backends, Airflow's tasks): so by id."""
        if self.process is None:
            return
        family = descendants(self.process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, sign)
        if sign != signal.SIGKILL:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=STOP_SECONDS)
            family += descendants(self.process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        for one in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait()
        psutil.wait_procs(family, timeout=STOP_SECONDS)
        self.process = None


def descendants(pid: int) -> list[psutil.Process]:
    """What a process has started, and these in turn; none where it is gone."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []
