"""Slices and ranges of keys: every row once, a key with all its views, whatever the files look like."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hostile_ids import HOSTILE_IDS
from online_files import write_files

from jobs.adapters.online.lake_rows import Files, KeyRange, count_keys, key_ranges, read_slices
from jobs.features.spec import ENTITY_KEY

USERS = tuple(sorted(HOSTILE_IDS, key=str.encode))
FEW, ITEMS = USERS[3:9], ("i1", "i2")


@pytest.fixture
def files(tmp_path: Path) -> Files:
    one = write_files(
        tmp_path, {"recs_for_you": USERS, "churn": FEW, "items_similar": ITEMS, "everybody_for_you": ("everybody",)}
    )
    # A view of two files, as Spark writes them; and one whose rows are in no order.
    more = write_files(tmp_path, {"user_activity": USERS[::2]})
    rest = write_files(tmp_path, {"user_activity": USERS[1::2]}, salt="rest")
    turned = write_files(tmp_path, {"value": tuple(reversed(USERS))})
    return {**one, "user_activity": [*more["user_activity"], *rest["user_activity"]], **turned}


def keys_of(files: Files, rows: int, within: Sequence[KeyRange | None]) -> list[tuple[str, frozenset[str]]]:
    """Each key of each slice, with the views that have a row for it there."""
    found = []
    for one in within:
        for part in read_slices(files, rows, one):
            keys = {name: table.column(0).to_pylist() for name, table in part.items()}
            for key in {key for of in keys.values() for key in of}:
                found.append((key, frozenset(name for name, of in keys.items() if key in of)))
    return sorted(found, key=lambda one: one[0])


def wanted() -> list[tuple[str, frozenset[str]]]:
    everyone = frozenset({"recs_for_you", "user_activity", "value"})
    users = [(user, everyone | {"churn"} if user in FEW else everyone) for user in USERS]
    others = [(item, frozenset({"items_similar"})) for item in ITEMS]
    return sorted([*users, *others, ("everybody", frozenset({"everybody_for_you"}))], key=lambda one: one[0])


@pytest.mark.parametrize("rows", [1, 3, 1000])
def test_a_key_is_in_one_slice_with_all_its_views(files: Files, rows: int) -> None:
    assert keys_of(files, rows, [None]) == wanted()


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_ranges_hold_every_key_once(files: Files, size: int) -> None:
    ranges = key_ranges(files, size)
    assert {one.entity for one in ranges} == set(ENTITY_KEY)
    assert sum(one.entity == "user" for one in ranges) == -(-len(USERS) // size)
    assert keys_of(files, 3, ranges) == wanted()


def test_keys_beyond_those_of_the_largest_view_are_in_a_range(tmp_path: Path) -> None:
    files = write_files(tmp_path, {"recs_for_you": ("m", "n", "o"), "churn": ("a", "z")})
    found = keys_of(files, 10, key_ranges(files, 1))
    assert [key for key, _ in found] == ["a", "m", "n", "o", "z"]


def test_a_range_reads_its_part_of_a_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, read = write_files(tmp_path, {"churn": tuple(f"u{n:02d}" for n in range(20))}), []
    batches = pq.ParquetFile.iter_batches

    def counted(self: pq.ParquetFile, *args: object, **options: object) -> object:
        for batch in batches(self, *args, **options):
            read.append(batch.num_rows if batch.num_columns > 1 else 0)
            yield batch

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", counted)
    [part] = read_slices(files, within=KeyRange("user", "u03", "u06"))
    assert part["churn"].column("user_id").to_pylist() == ["u04", "u05", "u06"]
    assert sum(read) == 4


def test_nothing_to_publish_has_ranges_and_no_slices() -> None:
    assert count_keys({}) == 0
    assert keys_of({}, 10, key_ranges({}, 10)) == []
