"""What a user takes in Redis: part `redis` of the bench of nights."""

from dataclasses import replace
from datetime import date

from tests.bench.night import BenchApp
from tests.bench.parts import Results
from tests.redis_server import RedisServer, running_redis


def run_redis(app: BenchApp, day: date) -> Results:
    """Publish a night that has run into an empty Redis; its memory by user, and the seconds of the stage.

    The server keeps nothing on disk and has no copy beside it. `used_memory` holds keys, values, times to live and
    the server's own tables, and not what the allocator leaves unused between them.
    """
    with running_redis(app.root / "redis") as server:
        into = {"NIGHTJAR__ONLINE__STORE": "redis", "NIGHTJAR__ONLINE__REDIS": server.address}
        empty = _used(server)
        done = replace(app, variables={**app.variables, **into}).run("publish", "--date", str(day), "--again")
        used = _used(server) - empty
    users = app.rows("user_activity", day)
    return {"redis_users": users, "redis_bytes_per_user": used / users, "redis_seconds": done.seconds}


def _used(server: RedisServer) -> int:
    """Bytes."""
    return int(server.client().info("memory")["used_memory"])
