"""Redis filled by Spark's workers holds what one process would have put there, and a late worker harms nobody."""

from pathlib import Path
from typing import Any

import pytest
from online_files import write_files
from online_rows import encoded, generation
from pyspark import cloudpickle
from redis_server import RedisServer

from jobs.adapters.online.contract import decide
from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.encode import encode_key
from jobs.adapters.online.leaving import Leaving
from jobs.adapters.online.publishing import Offer, write_generation
from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.redis_target import RedisTarget
from jobs.adapters.online.spark_writer import SparkWriter
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.core.errors import OnlineStoreError

USERS = tuple(f"u{n:02d}" for n in range(23))


@pytest.fixture
def address(redis_server: RedisServer) -> str:
    redis_server.client().flushall()
    return redis_server.address


def offer_of(folder: Path, users: tuple[str, ...], content: str, salt: str = "") -> Offer:
    keys = dict.fromkeys(("recs_for_you", "churn", "user_serving"), users)
    files = write_files(folder, {**keys, "items_similar": ("i1",)}, salt, group=4)
    of, gone = generation(content=content), {"u03": "opted_out", "u05": "deleted"}
    return Offer(of, files, lambda: Leaving(gone, (), of.status))


def test_workers_write_what_one_process_writes(spark: Any, address: str, tmp_path: Path) -> None:
    asked = []

    def session() -> Any:
        asked.append(1)
        return spark

    mine, theirs = RedisStore(address, "sample"), RedisStore(address, "other")
    write = SparkWriter(session, keys_per_part=5)
    for users, content, salt in ((USERS, "0" * 16, ""), (USERS[2:], "1" * 16, "new")):
        offer = offer_of(tmp_path, users, content, salt)
        told: list[int] = []
        served = decide(theirs.served(), offer.generation).served
        counts = write(theirs, served, offer, told.append)
        assert counts == write_generation(mine, decide(mine.served(), offer.generation).served, offer)
        assert sum(told) == len(users) + 1
        assert online_digest(theirs) == online_digest(mine)
        assert (theirs.served(), theirs.unfinished()) == (mine.served(), None)
    assert len(asked) == 2


def test_what_spark_may_write_to_disk_does_not_know_the_password(
    spark: Any, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, offer = RedisStore(address, "sample"), offer_of(tmp_path, USERS, "0" * 16)
    broadcast, sent = spark.sparkContext.broadcast, []

    def noted(value: object) -> Any:
        sent.append(cloudpickle.dumps(value))
        return broadcast(value)

    monkeypatch.setattr(spark.sparkContext, "broadcast", noted)
    SparkWriter(lambda: spark, keys_per_part=5)(store, decide(None, offer.generation).served, offer, lambda _: None)
    assert store.served() is not None
    assert len(sent) == 1
    assert address.encode() not in sent[0]


def test_sqlite_has_one_writer(tmp_path: Path) -> None:
    offer = offer_of(tmp_path, USERS, "0" * 16)
    write = SparkWriter(lambda: pytest.fail("nothing is started"), keys_per_part=5)
    with pytest.raises(TypeError, match="SQLite has one writer"):
        write(SqliteStore(tmp_path / "online.db", "sample"), decide(None, offer.generation).served, offer, print)


def test_a_worker_of_a_publish_that_died_writes_nothing_more(address: str) -> None:
    store, old, new = RedisStore(address, "sample"), generation(content="0" * 16), generation(content="1" * 16)
    targets: list[RedisTarget] = []

    def dies(target: RedisTarget) -> Any:
        target.write([encoded(old, ("a",))])
        targets.append(target)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.replace_by(decide(None, old).served, dies)
    store.replace(decide(store.served(), new, store.unfinished()).served, [encoded(new, ("a", "b"))])
    digest = online_digest(store)
    with pytest.raises(OnlineStoreError, match="another publish has begun while attempt 1 wrote"):
        targets[0].write([encoded(old, ("a", "c"))])
    assert online_digest(store) == digest


def test_one_that_is_overtaken_between_looking_and_writing_writes_nothing(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.adapters.online.redis_writer import HashWriter

    store, offered = RedisStore(address, "sample"), generation()
    write_batch = HashWriter._write_batch

    def late(self: HashWriter, *arguments: Any) -> None:
        store._client.incr("nightjar:sample:attempt")
        write_batch(self, *arguments)

    monkeypatch.setattr(HashWriter, "_write_batch", late)
    with pytest.raises(OnlineStoreError, match="another publish has begun"):
        store.replace(decide(None, offered).served, [encoded(offered, ("a",))])
    assert (store.served(), list(store.rows("churn"))) == (None, [])


def test_one_that_is_overtaken_at_its_end_says_nothing_of_what_is_served(address: str) -> None:
    store, old, new = RedisStore(address, "sample"), generation(content="0" * 16), generation(content="1" * 16)

    def overtaken(target: RedisTarget) -> Any:
        counts = target.write([encoded(old, ("a",))])
        store.replace(decide(None, new).served, [encoded(new, ("b",))])
        return counts

    with pytest.raises(OnlineStoreError, match="another publish has begun"):
        store.replace_by(decide(None, old).served, overtaken)
    assert store.served() == decide(None, new).served
    assert {key for key, _, _ in store.rows("churn")} == {encode_key("user_id", "b")}
