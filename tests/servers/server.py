"""A server as a process of its own: started, asked whether it answers, killed, paused and stopped by its id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 90


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


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
        Whether it answers.
    environment
        Its variables.
    user
        Whose process it is; None: ours.
    """

    name: str
    command: Sequence[str]
    folder: Path
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        """Start it and wait until it answers.

        Raises
        ------
        TimeoutError
            If it does not answer in time, or has ended; with the end of its log.
        """
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environment),
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                group=None,
            )
        until = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                told = self.log.read_text(errors="replace")[-2000:]
                self.kill()
                raise TimeoutError(f"{self.name} does not answer within {START_SECONDS} s; its log ends:\n{told}")
            time.sleep(0.2)
        return self

    def stop(self) -> None:
        """End it as an operator would, with all that it started."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a lost machine would."""
        self._end(signal.SIGKILL)

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / f"{self.name}.log"

    def _end(self, sign: signal.Signals) -> None:
        if self.process is None:
            return
        for each in (sign, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, each)
                self.process.wait(timeout=15)
            except (ProcessLookupError, subprocess.TimeoutExpired):
                continue
        self.process.wait()
        self.process = None
