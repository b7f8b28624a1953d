"""A hundred clean days raise no alarm: nothing is quarantined, and no check fails, not even as a warning."""

import logging
from datetime import date, timedelta
from pathlib import Path

import pytest
from night_runs import backfill
from sample_app import APP, use_app, write_sample

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.core.schemas import LEDGER
from jobs.sample.parameters import Parameters

pytestmark = pytest.mark.long

DAYS = 100
FIRST = date(2025, 1, 1)


def test_a_hundred_clean_days_raise_no_alarm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object, caplog: pytest.LogCaptureFixture
) -> None:
    log = write_sample(tmp_path / "sample", Parameters(users=300, items=60, days=DAYS, dirt=0.0))
    use_app(tmp_path / "app", log, monkeypatch)
    caplog.set_level(logging.WARNING, logger="nightjar")

    backfill(APP, FIRST, FIRST + timedelta(DAYS - 1))

    lake = Lake(Home(home_folder(), APP).lake)
    places: set[str] = set()
    for number in range(DAYS):
        ledger = read_pandas(lake, LEDGER, lake.require(LEDGER.name, FIRST + timedelta(number), "test"))
        assert len(ledger) > 0
        places |= set(ledger["place"] + ledger["reason"])
    assert places == {"raw", "clean"}
    assert [
        record.getMessage()
        for record in caplog.records
        if record.name == "nightjar" and record.levelno >= logging.WARNING
    ] == []
