from datetime import UTC, date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from airflow.sdk.exceptions import AirflowFailException
from run_date import run_date

TOKYO = ZoneInfo("Asia/Tokyo")


def a_run(logical_date: datetime | None = None, **conf: object) -> SimpleNamespace:
    return SimpleNamespace(run_id="manual_1", logical_date=logical_date, conf=conf)


@pytest.mark.parametrize(
    ("zone", "logical_date"),
    [
        ("UTC", datetime(2025, 3, 9, 0, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2025, 3, 8, 15, tzinfo=UTC)),
        ("America/New_York", datetime(2025, 3, 9, 5, tzinfo=UTC)),
    ],
)
def test_the_midnight_that_begins_a_day_names_it(zone: str, logical_date: datetime) -> None:
    assert run_date(a_run(logical_date), zone=ZoneInfo(zone)) == date(2025, 3, 9)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_a_given_day_wins_over_the_logical_date(zone: str) -> None:
    run = a_run(datetime(2025, 3, 8, 15, tzinfo=UTC), run_date="2025-01-02")

    assert run_date(run, zone=ZoneInfo(zone)) == date(2025, 1, 2)


@pytest.mark.parametrize("empty", [None, ""])
def test_an_empty_run_date_is_not_given(empty: object) -> None:
    assert run_date(a_run(datetime(2025, 3, 8, 15, tzinfo=UTC), run_date=empty), zone=TOKYO) == date(2025, 3, 9)


def test_a_run_without_any_date_says_what_to_pass() -> None:
    with pytest.raises(AirflowFailException, match=r"manual_1.*--conf.*run_date"):
        run_date(a_run(), zone=TOKYO)


@pytest.mark.parametrize("given", ["2025-3-1", "20250301", "2025-02-30", "2025-03-01; rm -rf /", 20250301])
def test_anything_but_one_spelling_of_a_day_is_refused(given: object) -> None:
    with pytest.raises(AirflowFailException, match="YYYY-MM-DD"):
        run_date(a_run(run_date=given), zone=TOKYO)
