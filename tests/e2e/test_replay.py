"""A corrected mapping: dates are cleaned again, later ones roll forward from them, and the last one is published."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from night_runs import backfill, digests, run_night
from tiny_app import CLOSED, FIRST, write_app

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.adapters.online import open_store
from jobs.commands.replay import LAST_BUILT
from jobs.core.config import home_folder, load_settings
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.stages.catalog import STAGES

pytestmark = pytest.mark.long

# A week: the wrong mapping is corrected from the fourth day on.
LAST = FIRST + timedelta(6)
FROM = FIRST + timedelta(3)


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object) -> Path:
    conf = write_app(tmp_path)
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "home"))
    return conf


def correct(conf: Path) -> None:
    """`dance` is a view after all."""
    app = conf / "apps" / "tiny.yaml"
    app.write_text(app.read_text(encoding="utf-8").replace("{look: view,", "{look: view, dance: view,"), "utf-8")


def lake() -> Lake:
    return Lake(Home(home_folder(), "tiny").lake)


def replay(*more: str) -> int:
    return main(["replay", "--app", "tiny", "--from", str(FROM), *more])


def test_a_replay_equals_nights_with_the_new_mapping_and_publishes_again(
    conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert main(["backfill", "--app", "tiny", "--from", str(FIRST), "--to", str(LAST)]) == 0
    settings, home = load_settings("tiny"), Home(home_folder(), "tiny")
    first_served = open_store(settings, home).served()
    assert _newest_manifest(LAST) == LAST_BUILT
    old = digests("tiny")
    correct(conf)
    # The log was rotated away: what the lake kept of it is enough.
    log = (tmp_path / "log").rename(tmp_path / "rotated")
    caplog.set_level("INFO", logger="nightjar")

    assert replay() == 0

    assert "3 dates before keep the mapping that they had" in caplog.text
    replayed = digests("tiny")
    early = {key for key in old if key[1] < FROM}
    assert {key: replayed[key] for key in early if key in replayed} == {key: old[key] for key in early}
    assert replayed[("events", FROM)] != old[("events", FROM)]
    before, after = (lake().require("events", day, "") for day in (FROM - timedelta(1), FROM))
    assert before.mapping != after.mapping
    assert "ingest_events tiny 2025-03-06..2025-03-09: unchanged" in caplog.text
    assert (before.replayed_from, after.replayed_from) == ("", str(FROM))
    now_served = open_store(settings, home).served()
    assert first_served is not None
    assert now_served is not None
    assert now_served.publish_number > first_served.publish_number
    assert now_served.run_date == LAST

    caplog.clear()
    assert replay() == 0
    assert "ingest_events tiny 2025-03-06..2025-03-09: unchanged" in caplog.text
    assert digests("tiny") == replayed
    again = open_store(settings, home).served()
    assert again is not None
    assert again.publish_number == now_served.publish_number

    log.rename(tmp_path / "log")
    _nights_one_by_one(conf, tmp_path, monkeypatch, replayed)


def _newest_manifest(day: date) -> str:
    """The table of the date that a back-fill makes current last."""
    manifests = [lake().root / table / "manifests" / f"{day}.json" for table in STAGES["build_features"].writes]
    return max(manifests, key=lambda path: path.stat().st_mtime_ns).parents[1].name


def _nights_one_by_one(
    conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replayed: dict[tuple[str, object], str]
) -> None:
    """The old mapping up to the day before, then nights with the new one."""
    monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "nights"))
    app = conf / "apps" / "tiny.yaml"
    corrected = app.read_text(encoding="utf-8")
    app.write_text(corrected.replace("dance: view, ", ""), encoding="utf-8")
    backfill("tiny", FIRST, FROM - timedelta(1))
    app.write_text(corrected, encoding="utf-8")
    day = FROM
    while day <= LAST:
        run_night("tiny", day)
        day += timedelta(1)
    nights = digests("tiny")
    assert {key: replayed[key] for key in nights} == nights


def test_a_killed_replay_goes_on(
    conf: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    backfill("tiny", FIRST, LAST)
    correct(conf)
    from jobs.stages import build_features

    def killed(job: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build_features, "run", killed)
    assert replay("--to", str(LAST)) == 130
    assert lake().require("events", LAST, "").replayed_from == str(FROM)
    assert lake().require("user_state", LAST, "").replayed_from == ""
    monkeypatch.undo()
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    monkeypatch.setenv("NIGHTJAR_HOME", str(conf.parent / "home"))
    caplog.clear()
    caplog.set_level("INFO", logger="nightjar")

    assert replay("--to", str(LAST)) == 0

    assert "clean_events tiny 2025-03-06..2025-03-09: unchanged" in caplog.text
    assert lake().require("user_state", LAST, "").replayed_from == str(FROM)


def test_a_range_that_ends_on_a_closed_date_publishes_its_last_open_one(conf: Path) -> None:
    assert main(["backfill", "--app", "tiny", "--from", str(FIRST), "--to", str(CLOSED)]) == 0
    served = open_store(load_settings("tiny"), Home(home_folder(), "tiny")).served()
    assert served is not None
    assert served.run_date == CLOSED - timedelta(1)
    champions = [lake().require("champions", CLOSED - timedelta(days), "") for days in (1, 0)]
    models = [read_pandas(lake(), CHAMPIONS, manifest)["model"].tolist() for manifest in champions]
    assert models[0] == models[1] != []


def test_an_app_without_a_past_has_nothing_to_replay(conf: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert replay() == 5
    assert "nightjar backfill --app tiny --from 2025-03-03" in caplog.text
