from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from jobs.readers.guess_time import first_day, guess_time


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (["2025-03-01T10:00:00Z", "2025-03-01 10:00:00.123456"], "iso"),
        (["2025-03-01 10:00", "2025-03-01"], "iso"),
        (["1740823200"], "epoch_s"),
        (["1740823200.000", "1740823200.5"], "epoch_s"),
        (["1740823200123"], "epoch_ms"),
        (["2019-10-01 00:00:00 UTC"], "iso"),
        (["12/1/2010 8:26", "12/31/2010 14:02"], "M/d/yyyy H:mm"),
        (["31/12/2010 08:26:10"], "d/M/yyyy H:mm:ss"),
        (["31.12.2010 08:26"], "d.M.yyyy H:mm"),
        (["20250301101500"], "yyyyMMddHHmmss"),
        (["01/Mar/2025:10:00:00 +0100"], "dd/MMM/yyyy:HH:mm:ss Z"),
    ],
)
def test_formats_are_recognised(values: list[str], wanted: str) -> None:
    guess = guess_time(values)
    assert guess is not None
    assert (guess.time_format, guess.share, guess.rival) == (wanted, 1.0, None)


def test_days_and_months_that_cannot_be_told_apart_are_said() -> None:
    guess = guess_time(["1/2/2025 10:00", "3/4/2025 10:00"])
    assert guess is not None
    assert (guess.time_format, guess.rival) == ("d/M/yyyy H:mm", "M/d/yyyy H:mm")


def test_the_day_of_the_file_tells_days_from_months() -> None:
    guess = guess_time(["3/2/2025 10:00", "3/2/2025 11:00"], date(2025, 3, 2))
    assert guess is not None
    assert (guess.time_format, guess.rival) == ("M/d/yyyy H:mm", None)


def test_some_dirt_does_not_hide_the_format() -> None:
    guess = guess_time(["2025-03-01T10:00:00Z"] * 9 + ["yesterday"])
    assert guess is not None
    assert (guess.time_format, guess.share) == ("iso", 0.9)


@pytest.mark.parametrize("values", [[], ["soon"], ["1740823200.5.1"], ["99"]])
def test_what_is_no_time_is_not_guessed(values: list[str]) -> None:
    assert guess_time(values) is None


def test_the_first_day_is_local_and_not_a_stray_one() -> None:
    late = datetime(2025, 3, 1, 23, 30, tzinfo=UTC)
    times = [datetime(1970, 1, 1, tzinfo=UTC), *[late] * 200]
    assert first_day(times, ZoneInfo("Asia/Tokyo")) == date(2025, 3, 2)
    assert first_day([late.replace(tzinfo=None)], ZoneInfo("Asia/Tokyo")) == date(2025, 3, 1)
    assert first_day([], ZoneInfo("UTC")) is None
