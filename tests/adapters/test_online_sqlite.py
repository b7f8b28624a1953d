"""The SQLite store against Feast's own: same schema, same bytes; and what a reader sees when a publish dies."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from online_rows import encode_frame, encoded, frame, generation

from jobs.adapters.online import sqlite_store
from jobs.adapters.online.contract import decide
from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.core.errors import OnlineStoreError
from jobs.features.online import ONLINE_VIEWS, online_columns
from jobs.features.serving import LIST_VIEWS

LATER = StatusMark(date(2025, 3, 4), "later")
DIES_HALF_WAY = """
import sys, time
sys.path[:0] = [{tests!r}]
from pathlib import Path
from online_rows import encoded, generation
from jobs.adapters.online.contract import decide
from jobs.adapters.online.sqlite_store import SqliteStore
store, offered = SqliteStore(Path({path!r}), "sample"), generation(content="f" * 16)

def views():
    yield encoded(offered, keys=tuple(f"k{{n}}" for n in range(2000)), salt="new")
    print("written, not committed", flush=True)
    time.sleep(600)

store.replace(decide(store.served(), offered).served, views())
"""


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "online.db", "sample")


def publish(store: SqliteStore, keys: tuple[str, ...], content: str = "0" * 16, salt: str = "") -> None:
    offered = generation(content=content)
    store.replace(decide(store.served(), offered).served, [encoded(offered, keys, salt)])


def dump(path: Path, table: str) -> list[Any]:
    with sqlite3.connect(path) as database:
        return database.execute(f"SELECT * FROM {table} ORDER BY entity_key, feature_name").fetchall()


def schema(path: Path, table: str) -> list[tuple[str, str, int]]:
    """Name, type and place in the primary key of each column: all that a reader's SQL can tell."""
    with sqlite3.connect(path) as database:
        columns = database.execute(f"PRAGMA table_info({table})").fetchall()
    return [(name, kind, key) for _, name, kind, _, _, key in columns]


@pytest.mark.parametrize("name", sorted(ONLINE_VIEWS))
def test_bytes_are_those_of_feast(name: str, store: SqliteStore, tmp_path: Path) -> None:
    from feast_write import write_with_feast

    view, offered = ONLINE_VIEWS[name], generation()
    rows = frame(view, ("b", "a", "longer-id"))
    theirs = tmp_path / "feast.db"
    write_with_feast(view, rows, offered, {"type": "sqlite", "path": str(theirs)})
    publish(store, ("b", "a", "longer-id"), content=offered.content_digest)
    ours = tmp_path / "online.db"
    assert dump(ours, f"sample_{name}") == dump(theirs, f"sample_{name}")
    assert schema(ours, f"sample_{name}") == schema(theirs, f"sample_{name}")


def test_feast_reads_and_writes_what_lies_in_its_key(store: SqliteStore, tmp_path: Path) -> None:
    from feast_write import write_with_feast

    publish(store, ("a", "b"))
    view, later = ONLINE_VIEWS["churn"], generation(content="f" * 16)
    write_with_feast(view, frame(view, ("b", "c")), later, {"type": "sqlite", "path": str(tmp_path / "online.db")})
    rows = dump(tmp_path / "online.db", "sample_churn")
    assert len(rows) == len({row[:2] for row in rows}) == 3 * len(online_columns(view))
    publish(store, ("a",))
    [plan] = _plans(tmp_path / "online.db", "SELECT * FROM sample_churn WHERE entity_key IN (x'00', x'01')")
    assert "USING PRIMARY KEY" in plan


def _plans(path: Path, question: str) -> list[str]:
    with sqlite3.connect(path) as database:
        return [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {question}")]


def test_a_killed_publish_leaves_the_generation_before(store: SqliteStore, tmp_path: Path) -> None:
    publish(store, ("a", "b"))
    before, digest = store.served(), online_digest(store)
    code = DIES_HALF_WAY.format(tests=str(Path(__file__).parent), path=str(tmp_path / "online.db"))
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("written")
        assert online_digest(store) == digest
        os.kill(child.pid, signal.SIGKILL)
    assert store.served() == before
    assert online_digest(store) == digest
    publish(store, ("a", "c"), content="f" * 16, salt="new")
    after = store.served()
    assert after is not None
    assert after.publish_number == 2


def test_what_is_gone_is_gone(store: SqliteStore) -> None:
    publish(store, ("a", "b"))
    publish(store, ("b",), content="1" * 16)
    for view in ONLINE_VIEWS:
        assert len({key for key, _, _ in store.rows(view)}) == 1


def test_digest_leaves_out_numbers_and_expiry_and_sees_all_else(store: SqliteStore, tmp_path: Path) -> None:
    publish(store, ("a", "b"))
    digest = online_digest(store)
    offered = replace(generation(content="0" * 16), expires_at=datetime(2101, 1, 1, tzinfo=UTC))
    first = decide(None, offered).served
    other = SqliteStore(tmp_path / "other.db", "sample")
    other.replace(first.model_copy(update={"publish_number": 9}), [encoded(offered, ("a", "b"))])
    assert online_digest(other) == digest
    publish(store, ("a", "b"), content="0" * 16, salt="x")
    assert online_digest(store) != digest


def test_withdraw_counts_what_changed_and_numbers_it_once(store: SqliteStore) -> None:
    publish(store, ("a", "b"))
    assert store.withdraw({"a": "deleted", "stranger": "deleted"}, (), LATER) > 0
    assert store.withdraw({"a": "deleted", "stranger": "deleted"}, (), LATER) == 0
    served = store.served()
    assert served is not None
    assert (served.publish_number, served.status_date, served.status_digest) == (2, LATER.run_date, "later")
    assert len({key for key, _, _ in store.rows("user_activity")}) == 1
    assert len({key for key, _, _ in store.rows("user_serving")}) == 2


def test_a_withdrawal_that_died_is_ended_by_the_next_one_under_a_new_number(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, ("a", "b"))
    before, digest = store.served(), online_digest(store)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sqlite_store, "_write_served", dies)
        with pytest.raises(KeyboardInterrupt):
            store.withdraw({"a": "deleted"}, {"a"}, LATER)
    assert (store.served(), online_digest(store)) == (before, digest)
    assert store.withdraw({"a": "deleted"}, {"a"}, LATER) > 0
    assert store.withdraw({"a": "deleted"}, {"a"}, LATER) == 0
    served = store.served()
    assert served is not None
    assert (served.publish_number, served.status_digest) == (2, "later")


def test_delisted_items_leave_every_list_and_empty_lists_their_rows(store: SqliteStore) -> None:
    publish(store, ("a", "b"))
    assert store.withdraw({}, {"other"}, LATER) == 0
    lists = len(LIST_VIEWS)
    assert store.withdraw({}, {"a"}, LATER) == 2 * lists
    assert store.withdraw({}, {"a"}, LATER) == 0
    left = {feature: value for _, feature, value in store.rows("recs_discover")}
    shorter = frame(ONLINE_VIEWS["recs_discover"], ("a", "b")).assign(
        **{name: [[""]] * 2 for name in ("items", "reasons", "anchors", "sources")}
    )
    wanted = encode_frame(
        ONLINE_VIEWS["recs_discover"], shorter.assign(scores=[[0.25]] * 2), generation(content="0" * 16)
    )
    assert {name: cells.values[0] for name, cells in wanted.columns.items()} == left
    assert store.withdraw({}, {""}, LATER) == 2 * lists
    assert list(store.rows("recs_discover")) == []
    served = store.served()
    assert served is not None
    assert served.publish_number == 3


def test_nothing_is_served_before_the_first_publish(store: SqliteStore, tmp_path: Path) -> None:
    assert store.served() is None
    assert store.withdraw({"a": "deleted"}, (), LATER) == 0
    assert list(store.rows("churn")) == []
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_named(store: SqliteStore, tmp_path: Path) -> None:
    (tmp_path / "online.db").write_bytes(b"no database, but long enough to be read as one" * 100)
    with pytest.raises(OnlineStoreError, match=r"online\.db: file is not a database.*publish again"):
        store.served()
