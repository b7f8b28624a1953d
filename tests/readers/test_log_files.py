"""Which file belongs to which night."""

from datetime import date
from pathlib import Path

import pytest
from log_of import app_of, log_of
from one_log import one_log_app

from jobs.core.errors import InputError
from jobs.core.night import Night
from jobs.readers.log_files import SourceFiles, log_files

SATURDAY, SUNDAY, MONDAY = date(2025, 1, 4), date(2025, 1, 5), date(2025, 1, 6)
MAPPING = {"event_type": "type", "event_time": "at"}


def night(folder: Path | None, first: date = SATURDAY, last: date = MONDAY) -> Night:
    """A night of an app that is closed on Saturdays."""
    settings = one_log_app(path=str(folder) if folder else None)
    calendar = settings.calendar.model_copy(update={"closed_weekdays": ("saturday",)})
    return Night(settings.model_copy(update={"calendar": calendar}), first, last)


def put(folder: Path, *names: str) -> list[Path]:
    """Files of one row."""
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}\n")
    return paths


def test_open_days_have_a_file_and_closed_days_none(tmp_path: Path) -> None:
    _, sunday, monday = put(tmp_path, *(f"{day}.jsonl" for day in (SATURDAY, SUNDAY, MONDAY)))
    found = log_files(night(tmp_path))
    assert found == {"app": SourceFiles({SUNDAY: (sunday,), MONDAY: (monday,)})}
    assert found["app"].paths == [sunday, monday]


def test_a_day_may_have_several_files_and_a_folder(tmp_path: Path) -> None:
    sunday = put(tmp_path, f"{SUNDAY}-a.jsonl", f"{SUNDAY}.1.jsonl", f"{SUNDAY}.jsonl", f"{SUNDAY}_b.jsonl")
    monday = put(tmp_path, f"{MONDAY}/part-0.jsonl", f"{MONDAY}/part-1.jsonl")
    put(tmp_path, f"{MONDAY}/_SUCCESS.jsonl", f"{MONDAY}/.part.jsonl", f"{MONDAY}/notes.txt", "readme.jsonl")
    put(tmp_path, f"{SUNDAY}.csv", f"{SUNDAY}1.jsonl", f".{SUNDAY}.jsonl", "20250105.jsonl", "2025-13-01.jsonl")
    assert log_files(night(tmp_path))["app"].by_day == {SUNDAY: tuple(sunday), MONDAY: tuple(monday)}


def test_a_closed_day_needs_no_folder(tmp_path: Path) -> None:
    assert log_files(night(tmp_path / "none", SATURDAY, SATURDAY)) == {"app": SourceFiles()}


def test_a_missing_open_day_says_what_to_do(tmp_path: Path) -> None:
    put(tmp_path, f"{SUNDAY}.jsonl")
    (tmp_path / str(MONDAY)).mkdir()
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


def several(tmp_path: Path) -> Night:
    """One day of an app with two logs of events, and a catalogue."""
    app = app_of(
        web=log_of("jsonlines", MAPPING, path=str(tmp_path / "web")),
        shop=log_of("csv", MAPPING, path=str(tmp_path / "shop"), extension="csv.gz"),
        items=log_of("csv", {"item_id": "id"}, kind="items", path=str(tmp_path / "items")),
    )
    return Night(app, SUNDAY, SUNDAY)


def test_each_log_of_events_has_a_file_and_a_catalogue_may_have_none(tmp_path: Path) -> None:
    [web], [shop] = put(tmp_path / "web", f"{SUNDAY}.jsonlines"), put(tmp_path / "shop", f"{SUNDAY}.csv.gz")
    put(tmp_path / "items", f"{MONDAY}.csv")
    assert log_files(several(tmp_path)) == {
        "web": SourceFiles({SUNDAY: (web,)}),
        "shop": SourceFiles({SUNDAY: (shop,)}),
        "items": SourceFiles(),
    }
    shop.unlink()
    with pytest.raises(
        InputError, match=r"no file 2025-01-05.csv.gz in .*/shop, but app 'sample' calls that day open"
    ):
        log_files(several(tmp_path))


def test_a_missing_folder_of_several_names_its_variable(tmp_path: Path) -> None:
    put(tmp_path / "web", f"{SUNDAY}.jsonlines")
    with pytest.raises(InputError, match=r"\(logs.shop.path\) does not exist; .* as NIGHTJAR__LOGS__SHOP__PATH"):
        log_files(several(tmp_path))


@pytest.mark.parametrize("day", [SATURDAY, SUNDAY])
def test_a_log_by_event_time_is_a_file_or_all_files_of_a_folder(tmp_path: Path, day: date) -> None:
    files = put(tmp_path, "1.jsonlines", "2.jsonlines")
    put(tmp_path, "notes.txt", "_draft.jsonlines")
    for path, found in ((tmp_path, files), (files[0], files[:1])):
        app = app_of(all=log_of("jsonlines", MAPPING, day_from="event_time", path=str(path)))
        closed = app.calendar.model_copy(update={"closed_weekdays": ("saturday",)})
        nights = Night(app.model_copy(update={"calendar": closed}), day, day)
        assert log_files(nights) == {"all": SourceFiles(undated=tuple(found))}


def test_a_log_by_event_time_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path, part in (
        (tmp_path, r"no file \*.jsonlines in .*the folder of log 'all' .*correct logs.all.extension"),
        (tmp_path / "none", r"the log file or folder '.*none' \(logs.all.path\) does not exist"),
    ):
        app = app_of(all=log_of("jsonlines", MAPPING, day_from="event_time", path=str(path)))
        with pytest.raises(InputError, match=part):
            log_files(Night(app, SUNDAY, SUNDAY))
