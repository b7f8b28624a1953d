"""The same night with Redis online: Feast's other file, and a real server from its wheel."""

from pathlib import Path

import pytest
from redis_server import RedisServer
from small_app import CLOSED, DAY, App

from jobs.adapters.online import open_store
from jobs.adapters.online.digest import online_digest


@pytest.fixture
def redis_app(tmp_path: Path, redis_server: RedisServer) -> App:
    redis_server.client().flushall()
    app = App(tmp_path / "home")
    app.use_redis(redis_server.address)
    return app


def test_publish_check_and_withdraw(redis_app: App) -> None:
    redis_app.put_night(DAY)
    assert redis_app.run("publish", DAY) == "published"
    assert redis_app.run("check_online", DAY) is None
    assert redis_app.run("publish", DAY) == "unchanged"
    redis_app.put_status(CLOSED, {"u1": "opted_out"})
    assert redis_app.run("publish", CLOSED) == "withdrawn"
    assert redis_app.run("check_online", DAY) is None
    served = open_store(redis_app.settings, redis_app.home).served()
    assert served is not None
    assert (served.run_date, served.publish_number) == (DAY, 2)


def test_workers_of_spark_publish_the_same(redis_app: App, spark: object, redis_server: RedisServer) -> None:
    redis_app.put_night(DAY, users=tuple(f"u{n}" for n in range(1, 9)))
    redis_app.run("publish", DAY)
    digest = online_digest(open_store(redis_app.settings, redis_app.home))
    redis_server.client().flushall()
    online = redis_app.settings.online.model_copy(update={"engine": "spark", "keys_per_part": 3})
    redis_app.settings = redis_app.settings.model_copy(update={"online": online})
    assert redis_app.run("publish", DAY) == "published"
    assert redis_app.run("check_online", DAY) is None
    assert online_digest(open_store(redis_app.settings, redis_app.home)) == digest
