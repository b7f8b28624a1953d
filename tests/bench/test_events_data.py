"""The bench's day is what it says: so many rows, the same in both formats, each copy a population of its own."""

import json
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from events_data import DAY, FIELDS, make_day

from jobs.sample.parameters import Parameters

SMALL = Parameters(users=200, items=40, days=3, dirt=0.1)
EVENTS = 2_500


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def rows(root: Path) -> list[dict[str, object]]:
    table = pq.read_table(make_day(root, EVENTS, "parquet", SMALL) / f"{DAY}.parquet")
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


@pytest.fixture(scope="module")
def lines(root: Path) -> list[str]:
    return (make_day(root, EVENTS, "jsonl", SMALL) / f"{DAY}.jsonl").read_text().splitlines()


def _parsed(lines: list[str]) -> tuple[list[dict[str, object]], int]:
    parsed, broken = [], 0
    for line in lines:
        try:
            parsed.append(json.loads(line))
        except ValueError:
            broken += 1
    return parsed, broken


def test_there_are_as_many_rows_as_asked_for(rows: list[dict[str, object]]) -> None:
    assert len(rows) == EVENTS
    assert {field for row in rows for field in row} == set(FIELDS)


def test_both_formats_hold_the_same_rows_and_json_the_broken_ones_too(
    rows: list[dict[str, object]], lines: list[str]
) -> None:
    parsed, broken = _parsed(lines)
    assert parsed == rows
    assert broken > 0


def test_each_copy_has_users_and_ids_of_its_own_and_the_same_items(rows: list[dict[str, object]]) -> None:
    copies: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        copies.setdefault(str(row["id"])[-5:], []).append(row)
    assert len(copies) > 2
    for copy, own in copies.items():
        assert all(
            str(row[field]).endswith(f"-{copy}")
            for row in own
            for field in ("user", "anon", "device")
            if field in row
        )
    first, second = (Counter(row.get("item") for row in copies[name]) for name in sorted(copies)[:2])
    assert first == second


def test_the_day_stays_the_day_and_dirt_stays_dirt(rows: list[dict[str, object]], root: Path) -> None:
    base = _parsed((root / "base" / f"{DAY}.jsonl").read_text().splitlines())[0]
    first = [row for row in rows if str(row["id"]).endswith("-00000")]

    def days(found: list[dict[str, object]]) -> Counter[str]:
        return Counter(str(row.get("ts"))[:10] for row in found)

    assert days(first) == days(base)
    assert len({row["id"] for row in first}) == len({row["id"] for row in base}) < len(base)


def test_what_is_there_is_not_made_again(root: Path, rows: list[dict[str, object]]) -> None:
    path = make_day(root, EVENTS, "parquet", SMALL) / f"{DAY}.parquet"
    written = path.stat().st_mtime_ns
    make_day(root, EVENTS, "parquet", SMALL)
    assert path.stat().st_mtime_ns == written
