"""What a stage run makes current, and what it does not."""

import errno
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from small_app import App

from jobs.adapters.lake import Acceptance, AcceptedChecks, Lake
from jobs.adapters.lake.arrow import empty_pandas
from jobs.adapters.lake.expose import exposed_dates
from jobs.core.errors import ChecksFailedError
from jobs.core.night import Night
from jobs.core.schemas import LEDGER, QUARANTINE
from jobs.datasets.tables import table_named
from jobs.stages.catalog import stage_named
from jobs.stages.job import Job
from jobs.stages.provenance import Provenance
from jobs.stages.runner import Asked, _retire_unwritten

DAY = date(2025, 3, 3)
NIGHTS = 30
UNBALANCED = pd.DataFrame([("app", "raw", "", 2), ("app", "clean", "", 1)], columns=list(LEDGER.column_names))
BALANCED = UNBALANCED.assign(n_rows=2)
NAMELESS = pd.DataFrame([("app", "", "{}", 1, "f")], columns=list(QUARANTINE.column_names))


@pytest.fixture
def own(tmp_path: Path) -> App:
    return App(tmp_path)


def job_of(app: App, stage: str = "clean_events", **more: Any) -> Job:
    night = Night(app.settings, DAY, DAY)
    return Job(stage_named(stage), night, app.home, app.lake, Provenance(stage, {}, "s", "c", "f", "m"), {}, **more)


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_current(own: App) -> None:
    job = job_of(own)
    job.write_pandas(LEDGER, UNBALANCED)
    job.write_pandas(QUARANTINE, NAMELESS)
    with pytest.raises(ChecksFailedError) as error:
        job.commit()
    assert "ledger.accounted_rows_equal_raw_rows" in str(error.value)
    assert "quarantine.reason_filled" in str(error.value)
    assert own.lake.run_dates("ledger") == own.lake.run_dates("quarantine") == []
    job.discard()
    assert len(list((own.lake.root / "ledger" / "data").iterdir())) == 1


def test_a_stage_that_changes_more_than_the_lake_stops_at_once(own: App) -> None:
    with pytest.raises(ChecksFailedError, match="ledger"):
        job_of(own, "publish").write_pandas(LEDGER, UNBALANCED)


def test_a_release_of_the_date_lets_it_go_on_and_the_manifest_says_so(own: App) -> None:
    name = "ledger.accounted_rows_equal_raw_rows"
    for day in (DAY - timedelta(1), DAY):
        AcceptedChecks(own.lake.root).record([Acceptance(first=day, last=day, expectation=name, reason="known")])
    job = job_of(own)
    job.write_pandas(LEDGER, UNBALANCED)
    job.commit()
    manifest = own.lake.require("ledger", DAY, "")
    assert [(check["expectation"], check["severity"]) for check in manifest.checks] == [
        ("accounted_rows_equal_raw_rows", "critical")
    ]
    assert (manifest.mapping, manifest.span, manifest.replayed_from) == ("m", f"{DAY}..{DAY}", "")


def test_a_release_of_another_date_releases_nothing(own: App) -> None:
    day = DAY - timedelta(1)
    name = "ledger.accounted_rows_equal_raw_rows"
    AcceptedChecks(own.lake.root).record([Acceptance(first=day, last=day, expectation=name, reason="known")])
    job = job_of(own)
    job.write_pandas(LEDGER, UNBALANCED)
    with pytest.raises(ChecksFailedError):
        job.commit()


def test_a_disk_that_is_full_at_the_last_manifest_makes_none_current(
    own: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job_of(own)
    job.write_pandas(LEDGER, BALANCED)
    job.write_pandas(QUARANTINE, NAMELESS.assign(reason="bad_time"))
    prepare = Lake.prepare

    def full(lake: Lake, manifest: Any) -> Any:
        if manifest.table == "ledger":
            raise OSError(errno.ENOSPC, "No space left on device")
        return prepare(lake, manifest)

    monkeypatch.setattr(Lake, "prepare", full)
    with pytest.raises(OSError, match="No space"):
        job.commit()
    assert own.lake.run_dates("quarantine") == []
    assert list((own.lake.root / "quarantine" / "manifests").iterdir()) == []


def test_a_backfill_retires_what_it_does_not_keep(own: App) -> None:
    empty = pd.DataFrame(columns=["context", "item_id", "last_day", "popularity", "popularity_day"])
    days = [DAY + timedelta(n) for n in range(NIGHTS)]
    for day in (DAY - timedelta(1), *days):
        own.put("context_item_state", day, empty)
    night = Night(own.settings, days[0], days[-1])
    kept = own.settings.retention.pair_state_days
    users_only = Asked(only=frozenset(["user_state"]))
    _retire_unwritten(stage_named("build_features"), night, own.lake, own.home, users_only)
    assert len(own.lake.run_dates("context_item_state")) == 1 + NIGHTS
    _retire_unwritten(stage_named("build_features"), night, own.lake, own.home, Asked())
    assert own.lake.run_dates("context_item_state") == [DAY - timedelta(1), *days[-kept:]]


def test_what_a_backfill_retires_feast_does_not_see(own: App) -> None:
    folder = own.home.offline / "user_item_affinity"
    folder.mkdir(parents=True)
    days = [DAY + timedelta(n) for n in range(NIGHTS)]
    for day in (DAY - timedelta(1), *days):
        (folder / f"{day}-0.parquet").touch()
    night = Night(own.settings, days[0], days[-1])
    _retire_unwritten(stage_named("build_features"), night, own.lake, own.home, Asked())
    kept = own.settings.retention.pair_state_days
    assert exposed_dates(folder) == [DAY - timedelta(1), *days[-kept:]]


def test_what_is_current_stays_where_the_stage_is_broken_off_right_after(
    own: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Lake.place

    def place_and_break_off(lake: Lake, prepared: Any, replaces: int | None) -> bool:
        place(lake, prepared, replaces)
        raise KeyboardInterrupt

    monkeypatch.setattr(Lake, "place", place_and_break_off)
    job = job_of(own)
    job.write_pandas(LEDGER, BALANCED)
    with pytest.raises(KeyboardInterrupt):
        job.commit()
    job.discard()
    manifest = own.lake.require("ledger", DAY, "")
    assert all(path.is_file() for path in own.lake.paths(manifest))


def test_a_view_that_a_dead_copy_has_placed_is_shown_by_the_one_that_stays_aside(own: App) -> None:
    job, view = job_of(own, "build_features"), table_named("user_activity")
    job.write_pandas(view, empty_pandas(view))
    own.put_night(DAY)  # later, and never shown
    same = own.lake.require(view.name, DAY, "").model_copy(update={"fingerprint": job.provenance.fingerprint})
    own.lake.commit(same)
    assert exposed_dates(own.home.offline / view.name) == []
    job.commit()
    assert exposed_dates(own.home.offline / view.name) == [DAY]
