"""`nightjar digest`: files that are not what was written are named, whatever became of them."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from lake_rows import put

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.core.home import Home

DAY = date(2025, 1, 2)
GIVEN = ["digest", "--app", "sample", "--date", str(DAY), "--table", "ledger"]


@pytest.fixture
def files(home: Path) -> tuple[Path, Path]:
    """The file of the ledger, and that of another table."""
    lake = Lake(Home(home, "sample").lake)
    ledger = put(lake, "ledger", DAY, [{"source": "app", "place": "raw", "reason": "", "n_rows": 2}])
    status = put(lake, "user_profiles", DAY, [{"user_id": "u", "valid_from": DAY}])
    (one,), (other,) = lake.paths(ledger), lake.paths(status)
    return one, other


def test_a_table_is_told_with_its_rows_and_digest(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(GIVEN) == 0
    name, rows, digest = capsys.readouterr().out.split()
    assert (name, rows, len(digest)) == ("ledger", "1", 32)


def cut_short(file: Path, other: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def put_other(file: Path, other: Path) -> None:
    shutil.copyfile(other, file)


def remove(file: Path, other: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("damage", [cut_short, put_other, remove])
def test_damage_is_named_with_the_command_that_mends_it(
    files: tuple[Path, Path], damage: Callable[[Path, Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    damage(*files)
    assert main(GIVEN) == 8
    assert f"table 'ledger' of run_date={DAY}: a file is gone, damaged or another table's" in caplog.text
    assert f"mend it: nightjar test --app sample --date {DAY} --again" in caplog.text
