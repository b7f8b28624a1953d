"""The same night with Redis online: Feast's other file, and a real server from its wheel."""

from datetime import date
from pathlib import Path

import pytest
from redis_server import RedisServer
from small_app import CLOSED, DAY, App

from jobs.adapters.online import open_store
from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.redis_store import RedisStore


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


@pytest.mark.parametrize(
    ("stage", "day", "outcome"), [("withdraw", CLOSED, "withdrawn"), ("publish", DAY, "published")]
)
def test_a_withdrawal_that_died_is_ended_by_a_withdrawal_and_by_a_publish_of_the_same(
    redis_app: App, monkeypatch: pytest.MonkeyPatch, stage: str, day: date, outcome: str
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    redis_app.put_night(DAY)
    redis_app.run("publish", DAY)
    redis_app.put_status(CLOSED, {"u1": "opted_out"})
    with monkeypatch.context() as patch:
        patch.setattr(RedisStore, "_write_served", dies)
        with pytest.raises(KeyboardInterrupt):
            redis_app.run("withdraw", CLOSED)
    assert [redis_app.run(stage, day) for _ in range(2)] == [outcome, "unchanged"]
    assert redis_app.run("withdraw", CLOSED) == "unchanged"
    assert redis_app.run("check_online", DAY) is None
    served = open_store(redis_app.settings, redis_app.home).served()
    assert served is not None
    assert (served.publish_number, served.status_date) == (2, CLOSED)


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
