"""Which stages a back-fill or a replay runs, for which dates; the stages themselves are others' tests."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lake_rows import put

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.commands import rebuild as commands
from jobs.commands.rebuild import last_day_stages, ranged_stages, rebuild
from jobs.commands.replay import LAST_BUILT
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.core.night import Night

FIRST, OPEN, CLOSED, LAST = (date(2025, 3, day) for day in (3, 5, 6, 7))

Runs = list[tuple[str, date, date]]


@pytest.fixture
def runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Stages that ran, with their dates, of an app that is closed from `CLOSED` on."""
    monkeypatch.setenv("NIGHTJAR__CALENDAR__CLOSED_DAYS", f"[{CLOSED}, {LAST}]")
    found: Runs = []
    monkeypatch.setattr(commands, "run_stage", lambda stage, night, *_: found.append(_told(stage, night)))
    return found


def _told(stage: Any, night: Night) -> tuple[str, date, date]:
    return stage.name, night.first, night.last


def test_models_and_lists_are_of_the_last_open_date(home: Path, runs: Runs) -> None:
    settings = load_settings("sample")
    rebuild(Night(settings, FIRST, LAST))
    tables = [(stage.name, FIRST, LAST) for stage in ranged_stages()]
    assert runs == tables + [(stage.name, day, day) for day in (OPEN, CLOSED, LAST) for stage in last_day_stages()]
    assert Lake(Home(home, "sample").lake).run_dates("champions") == [FIRST, date(2025, 3, 4)]


def test_a_range_of_closed_dates_says_that_it_publishes_nothing(runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    rebuild(Night(load_settings("sample"), CLOSED, LAST))
    assert {(first, last) for _, first, last in runs} == {(CLOSED, LAST), (LAST, LAST)}
    assert f"every date from {CLOSED} to {LAST} is closed: nothing is published" in caplog.text


def test_tables_alone_have_no_last_night(home: Path, runs: Runs) -> None:
    rebuild(Night(load_settings("sample"), FIRST, LAST), tables_only=True)
    assert [name for name, _, _ in runs] == [stage.name for stage in ranged_stages()]
    assert Lake(Home(home, "sample").lake).run_dates("champions")[-1] == LAST


@pytest.mark.parametrize(("to", "n_behind"), [(OPEN, 2), (LAST, 0), (None, 0)])
def test_a_replay_that_ends_early_names_what_keeps_the_old_states(
    home: Path, runs: Runs, caplog: pytest.LogCaptureFixture, to: date | None, n_behind: int
) -> None:
    lake = Lake(Home(home, "sample").lake)
    for day in (FIRST, OPEN, CLOSED, LAST):
        put(lake, "events", day, [])
        put(lake, LAST_BUILT, day, [])
    assert main(["replay", "--app", "sample", "--from", str(FIRST), *(["--to", str(to)] if to else [])]) == 0
    assert (f"{n_behind} dates from {CLOSED} to {LAST} keep the mapping" in caplog.text) == bool(n_behind)
    assert (f"nightjar replay --app sample --from {CLOSED} --to {LAST}" in caplog.text) == bool(n_behind)
