"""Online Retail across Christmas: night by night, killed on the way, and as one back-fill."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from night_runs import TABLE_STAGES, backfill, digests, run_night

pytestmark = [pytest.mark.real, pytest.mark.long]

APP = "online_retail"
FIRST = date(2010, 12, 1)
# `make test-real CHRISTMAS=full` runs sixty nights one by one, which takes a quarter of an hour; without it a
# back-fill leads into the closure, and its last nights and the first ones after it are run.
FULL = os.environ.get("NIGHTJAR_CHRISTMAS") == "full"
FIRST_NIGHT, LAST_NIGHT = (FIRST, date(2011, 1, 29)) if FULL else (date(2010, 12, 29), date(2011, 1, 5))


def test_nights_killed_on_the_way_equal_one_backfill(
    orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object
) -> None:
    monkeypatch.setenv("NIGHTJAR__LOG__PATH", str(orders))
    monkeypatch.setenv("NIGHTJAR__RETENTION__PAIR_STATE_DAYS", "70")
    monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "nights"))
    nights = [FIRST_NIGHT + timedelta(number) for number in range((LAST_NIGHT - FIRST_NIGHT).days + 1)]
    if FIRST_NIGHT > FIRST:
        backfill(APP, FIRST, FIRST_NIGHT - timedelta(1))
    for number, day in enumerate(nights):
        run_night(APP, day, killed=TABLE_STAGES[number // 5 % 3] if number % 5 == 1 else None)
    one_by_one = digests(APP)

    monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "backfill"))
    backfill(APP, FIRST, LAST_NIGHT)

    in_one_go = digests(APP)
    assert {day for _, day in one_by_one} >= set(nights)
    assert one_by_one == {key: digest for key, digest in in_one_go.items() if key in one_by_one}
    assert set(in_one_go) == set(one_by_one)
