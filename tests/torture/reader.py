"""One reader that asks without end: ``python -m tests.torture.reader STORE SEED USERS``; a line on its input ends it.

It reads as our client does (one transaction on SQLite, one command on Redis) and needs nothing of Feast. What it
finds goes out as one line of JSON: reads, failures, mixtures within a view and across views, steps back.
"""

import json
import random
import select
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, Protocol

from jobs.adapters.online.encode import encode_key
from tests.torture.rows import VIEWS, number_of
from tests.torture.stores import PROJECT

FEATURES = {
    "recs_for_you": ("generation", "items"),
    "recs_discover": ("generation", "items"),
    "churn": ("generation", "probability"),
    "user_serving": ("generation", "segment"),
}
_PATIENCE_SECONDS = 30.0  # a server that is being started again is no failure of a reader that waits for it

Rows = Mapping[str, Mapping[str, bytes]]


class Reads(Protocol):
    """Reads some features of all views of one user at one moment."""

    def read(self, user: str) -> Rows: ...


class SqliteReads:
    """One read transaction on a connection of its own."""

    def __init__(self, path: str) -> None:
        self._path = path

    def read(self, user: str) -> Rows:
        key = encode_key("user_id", user)
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, isolation_level=None)) as database:
            database.execute("BEGIN")
            return {
                view: dict(
                    database.execute(
                        f'SELECT feature_name, value FROM "{PROJECT}_{view}" WHERE entity_key = ?', (key,)
                    ).fetchall()
                )
                for view in VIEWS
            }


class RedisReads:
    """One HMGET."""

    def __init__(self, address: str) -> None:
        from redis import Redis

        host, _, port = address.partition(":")
        self._client = Redis(host, int(port))

    def read(self, user: str) -> Rows:
        from redis.exceptions import BusyLoadingError, ConnectionError

        from jobs.adapters.online.redis_layout import field, hash_key

        asked = [(view, name) for view in VIEWS for name in FEATURES[view]]
        fields = [field(view, name) for view, name in asked]
        end = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                values = self._client.hmget(hash_key(PROJECT, "user_id", user), fields)
                break
            except (ConnectionError, BusyLoadingError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        rows: dict[str, dict[str, bytes]] = {view: {} for view in VIEWS}
        for (view, name), value in zip(asked, values, strict=True):
            if value is not None:
                rows[view][name] = value
        return rows


class Judge:
    """What one reader has seen, and what of it must not be."""

    def __init__(self) -> None:
        self.found = dict.fromkeys(("reads", "failed", "absent", "mixed_in_view", "mixed_across", "stepped_back"), 0)
        self._newest: dict[str, int] = {}

    def see(self, user: str, rows: Rows) -> None:
        """Judge one answer."""
        self.found["reads"] += 1
        names = [_text(row["generation"]) for row in rows.values() if row]
        if not names:
            self.found["absent"] += user.startswith("u")
            return
        self.found["mixed_across"] += len(set(names)) > 1 or len(names) < len(VIEWS)
        self.found["mixed_in_view"] += any(not _agrees(row) for row in rows.values() if row)
        newest = max(map(number_of, names))
        self.found["stepped_back"] += newest < self._newest.get(user, 0)
        self._newest[user] = max(newest, self._newest.get(user, 0))


def _text(value: bytes) -> str:
    from feast.protos.feast.types.Value_pb2 import Value

    return str(Value.FromString(value).string_val)


def _agrees(row: Mapping[str, bytes]) -> bool:
    """Whether a row's values are of the generation that it names."""
    from feast.protos.feast.types.Value_pb2 import Value

    wanted = number_of(_text(row["generation"]))
    got: Any = None
    if "items" in row:
        got = list(Value.FromString(row["items"]).string_list_val.val) == [f"i{wanted}", f"j{wanted}"]
    elif "probability" in row:
        got = Value.FromString(row["probability"]).double_val == wanted
    else:
        got = _text(row["segment"]) == str(wanted)
    return bool(got)


def main(arguments: Sequence[str]) -> None:
    """Read until told to stop."""
    place, seed, users = arguments
    reads: Reads = SqliteReads(place) if place.startswith("/") else RedisReads(place)
    pick, judge = random.Random(int(seed)), Judge()
    failures: list[str] = []
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        user = f"u{pick.randrange(int(users)):05d}"
        try:
            judge.see(user, reads.read(user))
        except Exception as error:  # whatever an app would meet is what is counted
            judge.found["failed"] += 1
            failures.append(repr(error))
    print(json.dumps({**judge.found, "failures": failures[:3]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
