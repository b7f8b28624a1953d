import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from jobs.__main__ import main
from jobs.adapters.lake import Acceptance, AcceptedChecks, Lake
from jobs.core.config import load_settings
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.catalog import stage_named
from jobs.stages.check_pages import CHECKS_FILE
from jobs.stages.plan import plan_stage

DAY = "2025-01-01"  # the sample's first day, so that no stage needs a day before
GIVEN = ["accept", "--app", "sample", "--date", DAY, "--reason", "a strike"]


def accepted(home: Path) -> list[tuple[str, str, str]]:
    rows = AcceptedChecks(Home(home, "sample").lake).read()
    return [(str(one.first), one.expectation, one.reason) for one in rows]


@pytest.mark.parametrize(
    "name", ["events.volume", "events.freshness", "events.price_in_range", "quarantine.reason_type"]
)
def test_a_release_is_recorded_and_listed(home: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main([*GIVEN, "--expectation", name]) == 0
    assert accepted(home) == [(DAY, name, "a strike")]
    assert f"nightjar clean_events --app sample --date {DAY}" in capsys.readouterr().out
    assert main(["accept", "--app", "sample", "--list"]) == 0
    assert name in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("events.volum", "the nearest are: volume"),
        ("event.volume", "nearest valid name is 'events'"),
        ("volume", "write it as the error does: <table>.<expectation>"),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(
    home: Path, caplog: pytest.LogCaptureFixture, name: str, told: str
) -> None:
    assert main([*GIVEN, "--expectation", name]) == 2
    assert told in caplog.text
    assert accepted(home) == []


def test_what_is_missing_is_named(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["accept", "--app", "sample", "--date", DAY]) == 2
    assert "lacks --expectation and --reason (to see what was released so far: " in caplog.text


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        (None, "is released ahead: nothing was checked of table 'events' for that date yet"),
        (["key_unique"], "it did not fail when the table was written last (what failed: events.key_unique)"),
        (["volume"], ""),
    ],
)
def test_a_release_of_what_did_not_fail_is_recorded_with_a_warning(
    home: Path, caplog: pytest.LogCaptureFixture, failed: list[str] | None, told: str
) -> None:
    if failed is not None:
        attempt = Lake(Home(home, "sample").lake).begin("events")
        attempt.partition(date.fromisoformat(DAY)).mkdir()
        results = [{"success": False, "expectation_config": {"meta": {"name": name}}} for name in failed]
        (attempt.folder / CHECKS_FILE).write_text(json.dumps({"results": results}))
    assert main([*GIVEN, "--expectation", "events.volume"]) == 0
    assert accepted(home) == [(DAY, "events.volume", "a strike")]
    assert (told in caplog.text) if told else ("ahead" not in caplog.text)


def test_a_release_is_taken_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "events.volume"
    for one in (name, "events.freshness"):
        main([*GIVEN, "--expectation", one])
    first, last = date(2024, 12, 1), date(2025, 1, 31)
    ranged = Acceptance(first=first, last=last, expectation=name, reason="two strikes")
    AcceptedChecks(Home(home, "sample").lake).record([ranged])
    withdraw = ["accept", "--app", "sample", "--date", DAY, "--expectation", name, "--withdraw"]
    assert main(withdraw) == 0
    said = capsys.readouterr().out
    assert f"withdrew {name} of {DAY};" in said
    assert f"withdrew {name} of {first} to {last};" in said
    assert [each for _, each, _ in accepted(home)] == ["events.freshness"]
    assert main(withdraw) == 2


def test_a_reason_says_something(home: Path) -> None:
    with pytest.raises(SystemExit):
        main(["accept", "--app", "sample", "--date", DAY, "--expectation", "events.volume", "--reason", " "])


def test_a_date_before_the_first_data_is_refused(home: Path) -> None:
    assert main([*GIVEN[:3], "--date", "2024-12-31", "--expectation", "events.volume", "--reason", "x"]) == 2


def test_a_release_makes_the_stage_that_writes_the_table_run_again(home: Path) -> None:
    before = fingerprint(home)
    main([*GIVEN, "--expectation", "champions.role_in_set"])
    released = fingerprint(home)
    assert released != before
    main([*GIVEN, "--expectation", "predictions.model_filled"])
    assert fingerprint(home) == released


def fingerprint(home: Path) -> str:
    """Of promote_models, without its inputs."""
    day = date.fromisoformat(DAY)
    stage = replace(stage_named("promote_models"), reads=())
    lake = Lake(Home(home, "sample").lake)
    return plan_stage(stage, Night(load_settings("sample"), day, day), lake).provenance.fingerprint
