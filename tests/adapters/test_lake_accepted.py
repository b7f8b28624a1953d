from datetime import date, timedelta
from pathlib import Path

import pytest

from jobs.adapters.lake import Acceptance, AcceptedChecks
from jobs.adapters.lake.accepted import released_dates
from jobs.core.errors import StorageError

DAY = date(2025, 3, 1)


def release(name: str, first: date, last: date, reason: str = "a strike") -> Acceptance:
    return Acceptance(first=first, last=last, expectation=name, reason=reason, by="ann")


def test_nothing_is_accepted_at_first(tmp_path: Path) -> None:
    assert AcceptedChecks(tmp_path).read() == ()
    assert list(tmp_path.iterdir()) == []


def test_the_same_release_again_replaces_its_reason(tmp_path: Path) -> None:
    accepted = AcceptedChecks(tmp_path / "lake")
    other = release("events.freshness", DAY, DAY)
    accepted.record([release("events.volume", DAY, DAY), other])
    accepted.record([release("events.volume", DAY, DAY, "two strikes")])
    assert [(one.expectation, one.reason) for one in accepted.read()] == [
        ("events.volume", "two strikes"),
        ("events.freshness", "a strike"),
    ]


def test_releases_are_found_by_table_and_dates(tmp_path: Path) -> None:
    accepted = AcceptedChecks(tmp_path)
    week = release("events.volume", DAY, DAY + timedelta(6))
    accepted.record([week, release("ledger.n_rows_in_range", DAY, DAY)])
    assert accepted.of(["events", "sessions"], DAY + timedelta(6), DAY + timedelta(9)) == (week,)
    assert accepted.of(["events"], DAY + timedelta(7), DAY + timedelta(9)) == ()
    assert accepted.on(DAY + timedelta(1)) == (week,)


def test_dates_of_a_range_add_up() -> None:
    days = [DAY + timedelta(n) for n in range(4)]
    given = [release("a.x", DAY, DAY), release("a.x", days[3], DAY + timedelta(99)), release("b.y", days[1], days[1])]
    assert released_dates(given, days) == {"a.x": frozenset({DAY, days[3]}), "b.y": frozenset({days[1]})}


@pytest.mark.parametrize("text", ["{", "[1]", '[{"first": "2025-03-01"}]', "3"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "accepted.json").write_text(text, encoding="utf-8")
    with pytest.raises(StorageError, match=r"accepted\.json is damaged"):
        AcceptedChecks(tmp_path).read()
