"""Copies of the sample's days are populations of their own, the same on every day, over one catalogue."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from jobs.sample.parameters import Parameters
from tests.bench.night_log import NightLog, make_log

SMALL = Parameters(users=150, items=40, days=3, dirt=0)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("night")


def users_of(log: NightLog) -> set[str]:
    told = [pq.read_table(file, columns=["user"])["user"].to_pylist() for file in sorted(log.folders.log.iterdir())]
    return {user for day in told for user in day if user}


def test_copies_have_their_own_users_and_one_catalogue(root: Path) -> None:
    one, three = make_log(root, 1, SMALL), make_log(root, 3, SMALL)
    assert three.events == 3 * one.events > 0
    assert len(users_of(three)) == 3 * len(users_of(one))
    assert users_of(one) < users_of(three)
    items = [file.read_bytes() for log in (one, three) for file in sorted(log.folders.items.iterdir())]
    assert items[: len(items) // 2] == items[len(items) // 2 :]


def test_profiles_tell_of_the_same_users(root: Path) -> None:
    log = make_log(root, 3, SMALL)
    lines = [line for file in sorted(log.folders.users.iterdir()) for line in file.read_text().splitlines()]
    told = {json.loads(line)["id"] for line in lines}
    assert len(told) == len(lines)
    assert users_of(log) & told
    assert {user.rpartition("-")[2] for user in told} == {"00000", "00001", "00002"}


def test_a_log_that_is_there_is_not_made_again(root: Path) -> None:
    first = make_log(root, 1, SMALL)
    [day, *_] = sorted(first.folders.log.iterdir())
    day.write_bytes(b"kept")
    assert make_log(root, 1, SMALL) == first
    assert day.read_bytes() == b"kept"
