"""The Redis store on a real server, from its wheel."""

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from online_rows import encoded, frame, generation
from redis.connection import Connection
from redis_server import RedisServer

from jobs.adapters.online.contract import decide
from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.redis_store import RedisStore
from jobs.adapters.online.redis_target import open_client
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.core.errors import OnlineStoreError
from jobs.features.online import ONLINE_VIEWS
from jobs.features.serving import LIST_VIEWS

KEYS = ("b", "a", "longer-id")
LATER = StatusMark(date(2025, 3, 4), "later")


@pytest.fixture
def server(redis_server: RedisServer) -> Any:
    """A client of an empty server."""
    client = redis_server.client()
    client.flushall()
    client.address = redis_server.address
    return client


@pytest.fixture
def store(server: Any) -> RedisStore:
    return RedisStore(server.address, "sample")


def publish(store: RedisStore | SqliteStore, keys: tuple[str, ...] = KEYS, content: str = "0" * 16) -> None:
    offered = generation(content=content)
    store.replace(decide(store.served(), offered).served, [encoded(offered, keys)])


def hashes(server: Any) -> dict[bytes, dict[bytes, bytes]]:
    return {key: server.hgetall(key) for key in server.scan_iter() if not key.startswith(b"nightjar:")}


def test_bytes_are_those_of_feast(store: RedisStore, server: Any) -> None:
    from feast_write import write_with_feast

    publish(store)
    ours = hashes(server)
    server.flushall()
    online_store = {"type": "redis", "connection_string": server.address}
    for view in ONLINE_VIEWS.values():
        write_with_feast(view, frame(view, KEYS), generation(content="0" * 16), online_store)
    assert hashes(server) == {
        key: {name: value for name, value in fields.items() if not name.startswith(b"_nightjar")}
        for key, fields in ours.items()
    }


def test_digest_is_that_of_sqlite(store: RedisStore, tmp_path: Path) -> None:
    other = SqliteStore(tmp_path / "online.db", "sample")
    publish(store)
    publish(other)
    assert online_digest(store) == online_digest(other)


def test_gone_keys_are_removed_and_other_projects_stay(store: RedisStore, server: Any) -> None:
    neighbour = RedisStore(server.address, "my_sample")  # ends in our name
    publish(neighbour)
    publish(store)
    untouched = online_digest(neighbour)
    publish(store, ("a",), content="1" * 16)
    assert {len({key for key, _, _ in store.rows(view)}) for view in ONLINE_VIEWS} == {1}
    assert online_digest(neighbour) == untouched


def test_served_is_kept_beside_the_rows(store: RedisStore) -> None:
    assert store.served() is None
    publish(store)
    publish(store, content="1" * 16)
    served = store.served()
    assert served is not None
    assert (served.publish_number, served.generation) == (2, "2025-03-03-11111111")


def test_withdraw(store: RedisStore) -> None:
    publish(store)
    statuses = {"a": "deleted", "b": "opted_out", "stranger": "deleted"}
    assert store.withdraw(statuses, (), LATER) > 0
    assert store.withdraw(statuses, (), LATER) == 0
    served = store.served()
    assert served is not None
    assert (served.publish_number, served.status_digest) == (2, "later")
    count = {view: len({key for key, _, _ in store.rows(view)}) for view in ONLINE_VIEWS}
    assert (count["recs_for_you"], count["user_activity"], count["user_serving"]) == (1, 2, 3)


def test_delisted_items_leave_as_they_do_from_sqlite(store: RedisStore, tmp_path: Path) -> None:
    other = SqliteStore(tmp_path / "online.db", "sample")
    for delisted in ({"a"}, {""}):
        publish(store)
        publish(other)
        changes = len(KEYS) * len(LIST_VIEWS)
        assert store.withdraw({}, delisted, LATER) == other.withdraw({}, delisted, LATER) == changes
        assert store.withdraw({}, delisted, LATER) == 0
        assert online_digest(store) == online_digest(other)
    store.withdraw({}, {"a", ""}, LATER)
    assert list(store.rows("recs_for_you")) == []
    assert len({key for key, _, _ in store.rows("user_activity")}) == len(KEYS)


def test_a_withdrawal_that_died_anywhere_is_ended_by_the_next_one_under_a_new_number(
    store: RedisStore, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses, n_changed = {"a": "deleted", "b": "opted_out"}, 0
    other = SqliteStore(tmp_path / "online.db", "sample")
    publish(other)
    before = online_digest(other)
    other.withdraw(statuses, (), LATER)
    for n_sent in count():
        server.flushall()
        publish(store)
        with monkeypatch.context() as patch:
            patch.setattr(Connection, "send_packed_command", dies_after(n_sent))
            try:
                store.withdraw(statuses, (), LATER)
                break
            except KeyboardInterrupt:
                pass
        assert number_of(store) == 1
        n_changed += online_digest(store) != before
        store.withdraw(statuses, (), LATER)
        assert (store.served(), online_digest(store)) == (other.served(), online_digest(other))
        assert store.withdraw(statuses, (), LATER) == 0
        assert number_of(store) == 2
    assert n_changed > 1


def dies_after(n_sent: int) -> Callable[..., None]:
    """Sends some packets to the server, and none after them."""
    left, send = iter(range(n_sent)), Connection.send_packed_command

    def dies(self: Connection, *arguments: Any, **named: Any) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        send(self, *arguments, **named)

    return dies


def number_of(store: RedisStore) -> int:
    served = store.served()
    assert served is not None
    return served.publish_number


def test_rows_expire_on_the_server_unless_they_had_before(store: RedisStore, server: Any) -> None:
    publish(store)
    assert all(server.ttl(key) > 0 for key in hashes(server))
    old = decide(None, generation()).served.model_copy(update={"expires_at": datetime(2011, 1, 1, tzinfo=UTC)})
    store.replace(old, [encoded(generation())])
    assert {server.ttl(key) for key in hashes(server)} == {-1}


def test_an_absent_server_is_named() -> None:
    with pytest.raises(OnlineStoreError, match=r"localhost:1: .*check online\.redis"):
        RedisStore("localhost:1,socket_timeout=1,password=secret", "sample").served()


def test_expired_rows_that_are_still_there_leave_and_the_same_content_is_new(store: RedisStore, server: Any) -> None:
    offered = replace(generation(), expires_at=datetime(2011, 1, 1, tzinfo=UTC))
    store.replace(decide(None, offered).served, [encoded(offered)])
    assert store.expire(datetime(2010, 1, 1, tzinfo=UTC)) == 0
    assert store.expire(datetime(2012, 1, 1, tzinfo=UTC)) == len(KEYS) * len(ONLINE_VIEWS)
    assert hashes(server) == {}
    assert decide(store.served(), offered).outcome == "published"


def test_what_lives_on_of_a_dead_publish_writes_nothing_after_a_withdrawal(store: RedisStore, server: Any) -> None:
    publish(store)
    new = generation(content="1" * 16)
    target = store._begin(decide(store.served(), new).served)
    store.withdraw({"a": "deleted"}, (), LATER)
    with pytest.raises(OnlineStoreError, match="another publish has begun"):
        target.write([encoded(new, KEYS)])
    listed = {key for key, _, _ in store.rows("recs_for_you")}
    assert len(listed) == 2
    assert not any(key.endswith(b"a") for key in listed)


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_the_address_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(OnlineStoreError, match=r"check online\.redis"):
            RedisStore(f"{address},socket_timeout=0.05", "sample").served()
        assert open_client(address).connection_pool.connection_kwargs["socket_timeout"] == 60
