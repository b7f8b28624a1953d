import shutil
from datetime import date
from pathlib import Path

import pytest
from lake_rows import put

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.core.home import Home

DAY = date(2025, 1, 2)
GIVEN = ["quarantine", "--app", "sample", "--date", str(DAY)]


@pytest.fixture(autouse=True)
def _rows(home: Path) -> None:
    lake = Lake(Home(home, "sample").lake)
    ledger = [("raw", "", 200), ("clean", "", 190), ("quarantined", "bad_price", 8), ("quarantined", "unparsable", 2)]
    put(
        lake,
        "ledger",
        DAY,
        [{"source": "app", "place": place, "reason": reason, "n_rows": n} for place, reason, n in ledger],
    )
    raws = [f'{{"user":"alice{n}","price":"-{n}\u202e"}}' for n in range(5)]
    rows = [{"source": "app", "reason": "bad_price", "raw": raw, "n_copies": 1} for raw in raws]
    put(lake, "quarantine", DAY, [*rows, {"source": "app", "reason": "unparsable", "raw": "{alice", "n_copies": 2}])


def out(capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main([*GIVEN, *more]) == 0
    return capsys.readouterr().out


def test_counts_come_most_frequent_first_with_their_share(capsys: pytest.CaptureFixture[str]) -> None:
    words = [line.split() for line in out(capsys, "--examples", "0").splitlines() if "app" in line]
    assert words == [["app", "bad_price", "8", "4.00", "%"], ["app", "unparsable", "2", "1.00", "%"]]


def test_three_examples_a_reason_without_ids_of_people(capsys: pytest.CaptureFixture[str]) -> None:
    shown = out(capsys)
    assert shown.count('"price"') == 3
    assert "alice" not in shown
    assert '"price": "-0\\u202e"' in shown
    assert "\u202e" not in shown
    assert "no JSON object, 6 characters" in shown


def test_values_are_shown_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    shown = out(capsys, "--show-values", "--reason", "unparsable")
    assert "{alice" in shown
    assert "bad_price" not in shown


def test_a_reason_that_no_row_has_is_refused_with_the_nearest(caplog: pytest.LogCaptureFixture) -> None:
    assert main([*GIVEN, "--reason", "bad_prize"]) == 2
    assert "nearest valid name is 'bad_price'" in caplog.text


def test_a_date_that_was_not_cleaned_is_named(caplog: pytest.LogCaptureFixture) -> None:
    assert main([*GIVEN[:-1], "2025-01-03"]) == 5
    assert "run clean_events for that date first" in caplog.text


def test_what_checks_refused_is_shown_and_called_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lake = Lake(Home(home, "sample").lake)
    assert "not current" not in out(capsys, "--examples", "0")
    for name in ("ledger", "quarantine"):
        attempt = lake.begin(name)
        (old,) = (lake.root / name / "data").glob(f"000001/run_date={DAY}")
        shutil.copytree(old, attempt.partition(DAY))
    for current in (True, False):
        shown = out(capsys)
        assert f"An attempt of {DAY} that is not current" in shown
        assert "bad_price" in shown
        if current:
            lake.retire("ledger", DAY)
            lake.retire("quarantine", DAY)
