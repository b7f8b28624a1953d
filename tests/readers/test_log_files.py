"""Which file belongs to which night."""

from datetime import date
from pathlib import Path

import pytest

from jobs.core.config import load_settings
from jobs.core.errors import InputError
from jobs.core.night import Night
from jobs.readers.log_files import file_digest, log_files

SATURDAY, SUNDAY, MONDAY = date(2025, 1, 4), date(2025, 1, 5), date(2025, 1, 6)


def night(folder: Path | None, first: date = SATURDAY, last: date = MONDAY) -> Night:
    """A night of an app that is closed on Saturdays."""
    settings = load_settings("sample")
    log = settings.log.model_copy(update={"path": str(folder) if folder else None})
    calendar = settings.calendar.model_copy(update={"closed_weekdays": ("saturday",)})
    return Night(settings.model_copy(update={"log": log, "calendar": calendar}), first, last)


def test_open_days_have_a_file_and_closed_days_none(tmp_path: Path) -> None:
    for day in (SATURDAY, SUNDAY, MONDAY):
        (tmp_path / f"{day}.jsonl").write_text("{}\n")
    assert log_files(night(tmp_path)) == {day: tmp_path / f"{day}.jsonl" for day in (SUNDAY, MONDAY)}


def test_a_closed_day_needs_no_folder(tmp_path: Path) -> None:
    assert log_files(night(tmp_path / "none", SATURDAY, SATURDAY)) == {}


def test_a_missing_open_day_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / f"{SUNDAY}.jsonl").write_text("{}\n")
    with pytest.raises(InputError) as caught:
        log_files(night(tmp_path))
    assert str(caught.value) == (
        f"no file 2025-01-06.jsonl in {tmp_path}, but app 'sample' calls that day open; deliver it, or add the "
        "date to calendar.closed_days in conf/apps/sample.yaml, and run the night again"
    )


def test_many_missing_days_are_counted(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file 2025-01-05.jsonl, .*, 2025-01-09.jsonl and 3 more .*those days"):
        log_files(night(tmp_path, SATURDAY, date(2025, 1, 13)))


@pytest.mark.parametrize("folder", [None, Path("/nowhere/at/all")])
def test_a_missing_folder_names_its_setting(folder: Path | None) -> None:
    with pytest.raises(InputError, match=r"app 'sample': the log folder .*\(log.path\) does not exist; .*--input"):
        log_files(night(folder))


def test_a_digest_is_of_the_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a")
    two.write_bytes(b"a")
    assert file_digest(one, is_text=True) == file_digest(two, is_text=True)
    two.write_bytes(b"b")
    assert file_digest(one, is_text=True) != file_digest(two, is_text=True)
    with pytest.raises(InputError, match=r"cannot read .*none: No such file or directory"):
        file_digest(tmp_path / "none", is_text=False)


def test_text_that_is_not_utf8_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "2025-03-01.jsonl"
    path.write_bytes(b'{"a": 1}\n' * 200_000 + b'{"a": "\xff"}\n')
    with pytest.raises(InputError, match="not UTF-8"):
        file_digest(path, is_text=True)
    assert file_digest(path, is_text=False)
