import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from lake_rows import age, put

from jobs.__main__ import main
from jobs.adapters.lake import Attempt, Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.lake.expose import expose_current, exposed_dates
from jobs.adapters.lake.files import locked
from jobs.adapters.lake.vacuum import leftovers, old_children
from jobs.core.config import load_settings
from jobs.core.fingerprint import settings_fingerprint
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.datasets.tables import table_named
from jobs.stages.catalog import stage_named
from jobs.stages.plan import plan_stage

NEWEST = date(2025, 6, 30)
OLD = date(2025, 1, 2)
STATUS = {"user_id": "u1", "status": "deleted", "since": "2025-01-01T00:00:00Z"}


@pytest.fixture
def app(home: Path) -> Home:
    return Home(home, "sample")


@pytest.fixture
def lake(app: Home) -> Lake:
    """Raw rows and status of an old date and of the newest one, all long ago written."""
    import pandas as pd

    lake = Lake(app.lake)
    for day in (OLD, NEWEST):
        put(lake, "raw_events", day, [{"source": "app", "header": "", "raw": f"{day}", "source_file": "f"}])
        put(lake, "user_status", day, [STATUS | {"since": pd.Timestamp("2025-01-01", tz="UTC")}])
        put(lake, "champions", day, [{column: f"als-{day}-0000" for column in CHAMPION}])
    age(app.lake, 100)
    return lake


CHAMPION = ("role", "model", "kind", "recipe", "challenger", "decision", "reason", "numbers", "by")


def vacuum(*more: str) -> int:
    return main(["vacuum", "--app", "sample", *more])


def files(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file() and path.name != ".lock"}


def test_old_partitions_go_and_champions_stay_for_ever(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    assert vacuum() == 0
    assert lake.run_dates("raw_events") == lake.run_dates("user_status") == [NEWEST]
    assert lake.run_dates("champions") == [OLD, NEWEST]
    shown = capsys.readouterr().out
    assert f"raw_events: 1 partitions {OLD} to {OLD}, current no more: " in shown
    assert re.search(r"\nremoved 0 bytes; \d,\d{3} bytes go with a sweep in 48 hours\n$", shown)


def test_files_of_a_retired_partition_go_when_nobody_reads_them_any_more(
    lake: Lake, capsys: pytest.CaptureFixture[str]
) -> None:
    planned, untouched = lake.require("raw_events", OLD, ""), files(lake.root)
    for hours in (0, 47):
        age(lake.root, hours)
        vacuum()
        assert lake.run_dates("raw_events") == [NEWEST]
        assert len(read_pandas(lake, table_named("raw_events"), planned)) == 1
    capsys.readouterr()
    age(lake.root, 2)
    vacuum()
    assert not lake.attempt_folder(planned).exists()
    assert files(lake.root) < untouched, "nothing tells of the partition any more"
    assert "removed 0 bytes" not in capsys.readouterr().out


def test_of_a_partition_that_was_retired_and_made_again_the_new_files_stay(lake: Lake) -> None:
    retired = lake.require("raw_events", NEWEST, "")
    lake.retire("raw_events", NEWEST)
    made = put(lake, "raw_events", NEWEST, [{"source": "app", "header": "", "raw": "again", "source_file": "f"}])
    age(lake.root, 100)
    vacuum()
    assert not lake.attempt_folder(retired).exists()
    assert lake.manifest("raw_events", NEWEST) == made
    assert lake.is_whole(made)


def test_a_dry_run_says_the_same_and_removes_nothing(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    before = files(lake.root)
    assert vacuum("--dry-run") == 0
    assert files(lake.root) == before
    told = capsys.readouterr().out
    assert vacuum() == 0
    assert capsys.readouterr().out == told.replace("would remove", "removed")


def test_a_date_of_which_only_the_log_was_read_is_no_night(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    vacuum()
    for table in ("raw_files", "raw_events", "log_columns"):
        put(lake, table, date(9999, 12, 25), [])
    age(lake.root, 100)
    vacuum()
    capsys.readouterr()
    assert vacuum() == 0
    assert capsys.readouterr().out == "removed 0 bytes\n"
    assert lake.run_dates("user_status") == [NEWEST]


def test_before_the_first_night_nothing_is_old(app: Home) -> None:
    lake = Lake(app.lake)
    for day in (OLD, NEWEST):
        put(lake, "raw_events", day, [])
    age(app.lake, 100)
    assert vacuum() == 0
    assert lake.run_dates("raw_events") == [OLD, NEWEST]


def test_a_second_time_removes_nothing(lake: Lake, capsys: pytest.CaptureFixture[str]) -> None:
    vacuum()
    before = files(lake.root)
    capsys.readouterr()
    assert vacuum() == 0
    assert capsys.readouterr().out == "removed 0 bytes\n"
    assert files(lake.root) == before


def test_replaced_attempts_go_unless_they_are_young(lake: Lake, app: Home) -> None:
    replaced = lake.manifest("raw_events", NEWEST)
    assert replaced is not None
    put(lake, "raw_events", NEWEST, [{"source": "app", "header": "", "raw": "again", "source_file": "f"}])
    running = lake.begin("raw_events")
    vacuum()
    assert lake.attempt_folder(replaced).exists(), "a stage that planned before may still read it"
    age(lake.root / "raw_events" / "manifests", 100)
    vacuum()
    assert not lake.attempt_folder(replaced).exists()
    assert running.folder.exists()
    later = lake.begin("raw_events")
    age(running.folder, 100)
    vacuum()
    assert not running.folder.exists()
    assert later.folder.exists()
    current = lake.manifest("raw_events", NEWEST)
    assert current is not None
    assert all(path.is_file() for path in lake.paths(current))


def test_no_number_comes_back_for_what_another_sweep_has_seen(lake: Lake) -> None:
    def refused() -> Attempt:
        attempt = lake.begin("user_status")
        attempt.partition(NEWEST).mkdir()
        (attempt.partition(NEWEST) / "part-0.parquet").write_bytes(b"x")
        age(attempt.folder, 100)
        return attempt

    older, highest = refused(), refused()
    seen = leftovers(lake, "user_status", time.time())
    vacuum()
    assert not older.folder.exists()
    assert list(highest.folder.iterdir()) == []
    current = put(lake, "user_status", NEWEST, [])
    for one in seen:  # by a sweep that stood still meanwhile
        one.remove()
    assert current.attempt > highest.number
    assert lake.attempt_folder(current).exists()
    assert lake.is_whole(current)


def test_a_highest_attempt_of_which_a_part_is_young_is_kept_whole(lake: Lake) -> None:
    running = lake.begin("raw_events")
    for day in (OLD, NEWEST):
        running.partition(day).mkdir()
    age(running.folder, 100)
    (running.partition(NEWEST) / "part-0.parquet").write_bytes(b"x")
    vacuum()
    assert running.partition(OLD).exists()


def test_a_second_sweep_of_an_app_waits_for_the_first(
    lake: Lake, app: Home, caplog: pytest.LogCaptureFixture
) -> None:
    lock, before = app.app_folder / ".vacuum.lock", files(lake.root)
    with ThreadPoolExecutor() as pool, locked(lock):
        assert vacuum("--dry-run") == 0, "looking waits for nobody"
        second = pool.submit(vacuum)
        until = time.monotonic() + 30
        while "another sweep of the app is at work" not in caplog.text:
            assert not second.done()
            assert time.monotonic() < until
            time.sleep(0.01)
        assert files(lake.root) == before
    assert second.result() == 0
    assert lake.run_dates("raw_events") == [NEWEST]


def test_a_dry_run_makes_no_lock(lake: Lake, app: Home) -> None:
    vacuum("--dry-run")
    assert [path.name for path in app.app_folder.iterdir()] == ["lake"]


def test_of_an_attempt_with_several_dates_the_current_ones_stay(lake: Lake) -> None:
    attempt = lake.begin("raw_events")
    template = lake.manifest("raw_events", NEWEST)
    assert template is not None
    days = [NEWEST - timedelta(1), NEWEST]
    for day in days:
        attempt.partition(day).mkdir()
        (attempt.partition(day) / "part-0.parquet").write_bytes(b"x" * 10)
    kept = template.model_copy(
        update={"attempt": attempt.number, "run_date": days[0], "files": attempt.files(days[0])}
    )
    lake.commit(kept)
    age(attempt.folder, 100)
    vacuum()
    assert attempt.partition(days[0]).exists()
    assert not attempt.partition(days[1]).exists()


def test_what_nights_that_can_run_again_read_stays(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTJAR__RETENTION__STATE_DAYS", "1")
    monkeypatch.setenv("NIGHTJAR__RETENTION__RERUN_DAYS", "3")
    for offset in range(1, 7):
        put(lake, "user_status", NEWEST - timedelta(offset), [])
    age(lake.root, 100)
    vacuum()
    # The night three days back reads the day before it.
    assert lake.run_dates("user_status") == [NEWEST - timedelta(offset) for offset in (3, 2, 1, 0)]


def test_a_partition_that_was_made_just_now_stays(lake: Lake) -> None:
    put(lake, "raw_events", OLD, [{"source": "app", "header": "", "raw": "again", "source_file": "f"}])
    vacuum()
    assert lake.run_dates("raw_events") == [OLD, NEWEST]


def test_what_a_replay_makes_current_while_a_sweep_looks_stays(
    lake: Lake, app: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, view = [put(lake, "user_activity", OLD, [])], app.offline / "user_activity"
    view.mkdir(parents=True)
    (view / f"{OLD}-0.parquet").write_bytes(b"x")
    age(lake.root, 100)

    def looked(folder: Path) -> list[date]:
        found = exposed_dates(folder)
        if folder == view:
            made.append(put(lake, "user_activity", OLD, [{"user_id": "u1"}]))
            expose_current(lake, "user_activity", OLD, view)
        return found

    monkeypatch.setattr("jobs.commands.vacuum.exposed_dates", looked)
    vacuum()
    current = lake.manifest("user_activity", OLD)
    assert current == made[1]
    assert lake.is_whole(made[1])
    assert exposed_dates(view) == [OLD]


def test_local_copies_of_old_models_go_unless_they_served(lake: Lake, app: Home) -> None:
    folder = app.models / "sample.recommender"
    names = [f"als-{OLD}-0000", "als-2025-01-01-aaaa", f"als-{NEWEST}-bbbb"]
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "factors").write_bytes(b"x")
    vacuum()
    # The first one was champion; the second is a day older than retention.model_days allows.
    assert sorted(path.name for path in folder.iterdir()) == [names[0], names[2]]


def test_an_app_without_tables_has_nothing_to_remove(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert vacuum() == 0
    assert "nothing to remove" in capsys.readouterr().out
    assert not (home / "mlflow").exists()


def test_what_killed_stages_left_goes_unless_it_is_young(lake: Lake, app: Home) -> None:
    names = ("scratch-sample-recommend-a1", "blockmgr-1", "spark-2", "unpacked-3")
    for name in (*names, "spark-young", "warehouse"):
        (app.root / "spark" / name / "00").mkdir(parents=True)
        (app.root / "spark" / name / "00" / "part").write_bytes(b"x")
    for name in (*names, "warehouse"):
        age(app.root / "spark" / name, 100)
    vacuum()
    assert sorted(path.name for path in (app.root / "spark").iterdir()) == ["spark-young", "warehouse"]


def test_what_killed_stages_were_about_to_place_goes_too(lake: Lake, app: Home) -> None:
    hidden = (
        app.models / "als" / ".fetch-1",
        app.online / ".registry.db.1.tmp",
        app.root / "java" / "bin" / ".java.1",
    )
    for path in hidden:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("half")
    assert vacuum() == 0
    assert all(path.exists() for path in hidden)
    for path in hidden:
        age(path.parent, 100)
    assert vacuum() == 0
    assert not any(path.exists() for path in hidden)


def test_feast_sees_no_partition_that_is_none(lake: Lake, app: Home) -> None:
    view, gone = app.offline / "user_activity", NEWEST - timedelta(1)
    view.mkdir(parents=True)
    put(lake, "user_activity", NEWEST, [])
    for name in (f"{OLD}-0.parquet", f"{gone}-0.parquet", f"{gone}-1.parquet", f"{NEWEST}-0.parquet"):
        (view / name).write_bytes(b"x")
    vacuum("--dry-run")
    assert len(list(view.iterdir())) == 4
    vacuum()
    assert [path.name for path in view.iterdir()] == [f"{NEWEST}-0.parquet"]


def test_the_earliest_date_of_which_a_replay_is_promised_can_be_planned(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days, first_day = 5, NEWEST - timedelta(24)
    told = {"RETENTION__STATE_DAYS": days, "RETENTION__RAW_DAYS": days, "RETENTION__RERUN_DAYS": 1}
    for name, value in {**told, "RETENTION__REST_MERGE_DAYS": 4, "SCHEDULE__FIRST_DAY": first_day}.items():
        monkeypatch.setenv(f"NIGHTJAR__{name}", str(value))
    settings, lake = load_settings("sample"), Lake(Home(home, "sample").lake)
    stages = [stage_named(name) for name in ("clean_events", "build_features")]
    for name in {name for stage in stages for name in (*stage.writes, *(read.table for read in stage.reads))}:
        shape = settings_fingerprint(settings, table_named(name).shaped_by)
        for day in Night(settings, first_day, NEWEST).dates:
            put(lake, name, day, [], shape=shape)
    age(lake.root, 100)
    vacuum()
    assert lake.run_dates("user_state")[0] > first_day
    # On each of some days: a merge day may be one of the nights, or long before all of them.
    for early in range(4):
        night = Night(settings, NEWEST - timedelta(days - 1 - early), NEWEST)
        for stage in stages:
            plan_stage(stage, night, lake)


def test_what_another_sweep_removes_meanwhile_stops_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Apps share the home's `spark/`, and their sweeps begin in the same minute.
    (tmp_path / "blockmgr-1").mkdir()
    monkeypatch.setattr("jobs.adapters.lake.vacuum._files", lambda folder: iter([folder / "gone"]))
    [found] = old_children(tmp_path, float("inf"))
    assert found.size == 0
    found.remove()
    found.remove()
