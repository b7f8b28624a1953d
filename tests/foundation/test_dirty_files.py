"""Every kind of dirty file: none stops a night that should not, none passes that should be stopped."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from dirty_app import APP, BEFORE, DAY, DirtyApp, good_lines, lines
from file_kinds import HARMLESS_FILES, STOPPING_FILES, FileKind
from night_runs import backfill

from jobs.adapters.lake import Lake
from jobs.core.errors import ChecksFailedError
from jobs.core.schemas import EVENTS

# What no reader refuses is refused by a check, at the end of a whole night: one for all kinds of a check.
STOPS = [(kind, *kind.stops) for kind in STOPPING_FILES if kind.stops]
REFUSED = [kind for kind, error, _ in STOPS if error is not ChecksFailedError]
CHECKS = sorted({check for _, error, check in STOPS if error is ChecksFailedError})


def app_of(root: Path, kinds: Sequence[FileKind], **checks: float) -> DirtyApp:
    """An app with a log for every kind, below a folder that the environment names."""
    logs = {kind.name: {**kind.settings, "path": str(root / kind.name)} for kind in kinds}
    app = DirtyApp(root / "app", {"logs": logs, "checks": {"max_quarantine_share": 0.6, **checks}}, path=None)
    for kind in kinds:
        (root / kind.name).mkdir()
        (root / kind.name / f"{DAY}.{kind.extension}").write_bytes(kind.content() or b"")
    return app


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, spark: object) -> DirtyApp:
    """One night of an app with a log for every harmless kind."""
    root = tmp_path_factory.mktemp("harmless")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NIGHTJAR_CONF", str(root / "app" / "conf"))
        patch.setenv("NIGHTJAR_HOME", str(root / "app" / "home"))
        app = app_of(root, HARMLESS_FILES)
        app.run()
    return app


@pytest.mark.parametrize("kind", HARMLESS_FILES, ids=lambda kind: kind.name)
def test_a_harmless_file_stops_no_night(kind: FileKind, night: DirtyApp) -> None:
    assert night.ledger(source=kind.name) == Counter({"raw": sum(kind.ends.values()), **kind.ends})


@pytest.mark.parametrize("check", CHECKS)
def test_each_file_that_fails_a_check_stops_the_night(
    check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object
) -> None:
    monkeypatch.setenv("NIGHTJAR_CONF", str(tmp_path / "app" / "conf"))
    monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "app" / "home"))
    kinds = [kind for kind, _, failed in STOPS if failed == check]
    app = app_of(tmp_path, kinds, min_rows_for_share=1)
    with pytest.raises(ChecksFailedError) as stopped:
        app.run()
    # The check counts a row for every log that fails it, and shows up to three.
    told = re.search(rf"{check}\w*: ({len(kinds)}) rows?, such as (.*)", str(stopped.value))
    assert told, stopped.value
    shown = [kind for kind in kinds if f"{kind.name}: " in told[2]]
    assert len(shown) == min(len(kinds), 3)
    assert Lake(app.home.lake).manifest(EVENTS.name, DAY) is None


@pytest.mark.parametrize("kind", REFUSED, ids=lambda kind: kind.name)
def test_a_broken_file_stops_the_night_and_says_why(kind: FileKind, dirty: Callable[..., DirtyApp]) -> None:
    assert kind.stops
    error, pattern = kind.stops
    app = dirty({"checks": {"max_quarantine_share": 0.6, "min_rows_for_share": 1}}, **kind.settings)
    content = kind.content()
    if content is not None:
        app.put(content, f"{DAY}.{kind.extension}")
    with pytest.raises(error, match=pattern):
        app.run()
    assert Lake(app.home.lake).manifest(EVENTS.name, DAY) is None


@pytest.mark.long
def test_a_tenth_of_last_weeks_rows_stops_the_night(dirty: Callable[..., DirtyApp]) -> None:
    between = [str(BEFORE + timedelta(number)) for number in range(1, 7)]
    schedule = {"time_zone": "UTC", "first_day": BEFORE}
    app = dirty({"schedule": schedule, "calendar": {"closed_days": between}})
    app.put(lines(good_lines(40, BEFORE)), f"{BEFORE}.jsonl")
    backfill(APP, BEFORE, DAY - timedelta(1))
    app.put(lines(good_lines(4)))
    with pytest.raises(ChecksFailedError, match="volume"):
        app.run()
    app.put(lines(good_lines(8)))
    app.run()
    assert app.ledger()["clean"] == 8
