"""Publishes that are killed, started twice and repeated, while readers read: `make torture-serving`.

``python -m tests.torture.torture --store sqlite --publishes 200 --kills 50 --readers 8``. Ends with 1 and what was
wrong, or with 0 and the counts. The seed decides what is tried when; moments of kills are drawn within the time that
a publish took last from where it began.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from jobs.adapters.online.digest import online_digest
from jobs.adapters.online.encode import encode_key
from jobs.adapters.online.publishing import encode_slices
from jobs.adapters.online.sqlite_store import SqliteStore
from jobs.features.serving import USER_SERVING
from tests.redis_server import KEEPING, RedisServer
from tests.torture.publisher import BEGINS
from tests.torture.reader import KINDS
from tests.torture.rows import VIEWS, generation, offer, quitters_of, users_of
from tests.torture.stores import PROJECT, empty, open_store, register

WRONG = (
    *(f"{kind}_{wrong}" for kind, wrongs in KINDS.items() for wrong in wrongs),
    "served_after_leaving",
    "not_served",
    "digest_differs",
    "wrong_readiness",
)
_TOLD_EVERY = 10  # publishes
_HASTE = 1.5  # times as many kills as would just do, since some come too late


@dataclass(frozen=True)
class Plan:
    """How much of it: the number of publishes, how many of them are killed, readers and users, and the seed."""

    store: str
    publishes: int
    kills: int
    readers: int
    users: int
    seed: int = 7


def torture(plan: Plan, folder: Path) -> dict[str, int]:
    """Run it; returns the counts of what happened, those of `WRONG` being zero where all is well."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    dice, found = random.Random(plan.seed), Counter[str]()
    with _server(plan, folder) as (place, server):
        _finish(plan, place, folder, 1)
        environment = {**os.environ, **register(place, folder)}
        with _readers(plan, place, environment, found):
            found["publishes"] = 1
            for number in range(2, plan.publishes + 1):
                # One that came too late, after the end of the publish, is made up for by a later one.
                is_due = dice.random() * (plan.publishes + 1 - number) < _HASTE * (plan.kills - found["killed"])
                _one_publish(plan, place, folder, number, is_due, dice, found)
                if server and number % max(2, plan.publishes // 4) == 0:
                    server.restart()
                    found["restarts"] += 1
                _look(plan, place, number, found)
                if number % _TOLD_EVERY == 0:
                    print(f"publish {number} of {plan.publishes}: {dict(found)}", file=sys.stderr)
        wanted = _wanted_digest(plan, folder)
        found["digest_differs"] += online_digest(open_store(place)) != wanted
        _empty_and_fill(plan, place, folder, environment, found)
        found["digest_differs"] += online_digest(open_store(place)) != wanted
    return {**dict.fromkeys(WRONG, 0), **found}


def _one_publish(
    plan: Plan, place: str, folder: Path, number: int, is_killed: bool, dice: random.Random, found: Counter[str]
) -> None:
    offer(number, plan.users, folder)
    if is_killed:
        child = _publisher(plan, place, folder, number)
        _begun(child)
        time.sleep(dice.random() * _finish.seconds)
        child.kill()
        found["killed"] += child.wait() != 0
    if dice.random() < 0.2:
        twin = _publisher(plan, place, folder, number)
        _finish(plan, place, folder, number)
        if twin.wait() != 0:
            raise RuntimeError(f"of two publishes of {number} at once one failed")
        found["twice_at_once"] += 1
    else:
        _finish(plan, place, folder, number)
    found["publishes"] += 1


def _look(plan: Plan, place: str, number: int, found: Counter[str]) -> None:
    """Whoever is not of this generation has no row, nor has who opted out but for that they did."""
    users = set(users_of(number, plan.users))
    for view in VIEWS:
        of_view = users if view == USER_SERVING.name else users - set(quitters_of(number, plan.users))
        wanted = {encode_key("user_id", user) for user in of_view}
        keys = {key for key, _, _ in open_store(place).rows(view)}
        found["served_after_leaving"] += len(keys - wanted)
        found["not_served"] += len(wanted - keys)


def _empty_and_fill(plan: Plan, place: str, folder: Path, environment: dict[str, str], found: Counter[str]) -> None:
    """A store that lost all says that it is not ready, and the next publish fills it."""
    found["wrong_readiness"] += _readiness(environment) != "200 ready"
    empty(place)
    found["wrong_readiness"] += not _readiness(environment).startswith("503 ")
    _finish(plan, place, folder, plan.publishes)
    found["wrong_readiness"] += _readiness(environment) != "200 ready"


def _readiness(environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", "tests.torture.readiness"]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _wanted_digest(plan: Plan, folder: Path) -> str:
    """That of the last generation published into a store of its own, in peace."""
    from jobs.adapters.online.contract import decide

    store = SqliteStore(folder / "peace.db", PROJECT)
    last = offer(plan.publishes, plan.users, folder)
    store.replace(decide(None, generation(plan.publishes)).served, encode_slices(last))
    return online_digest(store)


def _publisher(plan: Plan, place: str, folder: Path, number: int) -> "subprocess.Popen[bytes]":
    arguments = [place, str(folder), str(number), str(plan.users)]
    return subprocess.Popen([sys.executable, "-m", "tests.torture.publisher", *arguments], stdout=subprocess.PIPE)


def _begun(publisher: "subprocess.Popen[bytes]") -> None:
    """Wait until it has imported what it needs, which takes longer than the publish, and begins to write."""
    assert publisher.stdout is not None
    if publisher.stdout.readline().strip() != BEGINS.encode():
        raise RuntimeError(f"a publish ended with {publisher.wait()} before it began; what it said is above")


class _Finish:
    """Publishes to the end and remembers how long that took from where it began."""

    seconds = 1.0

    def __call__(self, plan: Plan, place: str, folder: Path, number: int) -> None:
        publisher = _publisher(plan, place, folder, number)
        _begun(publisher)
        start = time.monotonic()
        if publisher.wait() != 0:
            raise RuntimeError(f"publish {number} failed where nobody had killed it")
        self.seconds = time.monotonic() - start


_finish = _Finish()


@contextmanager
def _server(plan: Plan, folder: Path) -> Iterator[tuple[str, RedisServer | None]]:
    if plan.store == "sqlite":
        yield str(folder / "online.db"), None
        return
    server = RedisServer(folder / "redis", KEEPING)
    server.start()
    try:
        yield server.address, server
    finally:
        server.kill()


@contextmanager
def _readers(plan: Plan, place: str, environment: dict[str, str], found: Counter[str]) -> Iterator[None]:
    """Readers of all kinds in turn."""
    kinds = islice(cycle(KINDS), plan.readers)
    readers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.torture.reader", kind, place, str(seed), str(plan.users)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        for seed, kind in enumerate(kinds)
    ]
    try:
        for reader in readers:
            assert reader.stdout is not None
            reader.stdout.readline()
        yield
        for reader in readers:
            told, _ = reader.communicate(b"stop\n", timeout=60)
            _add(found, json.loads(told))
    finally:
        for reader in readers:
            reader.kill()


def _add(found: Counter[str], told: dict[str, Any]) -> None:
    for failure in told.pop("failures"):
        print("a reader failed:", failure, file=sys.stderr)
    found.update(told)


def main() -> int:
    """Say what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", choices=("sqlite", "redis"), required=True)
    parser.add_argument("--publishes", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, default=Path("build/torture"))
    args = parser.parse_args()
    plan = Plan(args.store, args.publishes, args.kills, args.readers, args.users)
    found = torture(plan, args.folder.resolve() / args.store)
    print(json.dumps(found))
    return int(any(found[name] for name in WRONG))


if __name__ == "__main__":
    sys.exit(main())
