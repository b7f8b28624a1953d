from datetime import date, timedelta

from jobs.readers.guess_calendar import guess_calendar

MONDAY = date(2025, 3, 3)


def days(n: int) -> list[date]:
    return [MONDAY + timedelta(number) for number in range(n)]


def test_a_weekday_that_never_has_a_file_is_closed() -> None:
    open_days = [day for day in days(28) if day.weekday() != 5 and day != date(2025, 3, 12)]
    assert guess_calendar(open_days) == (["saturday"], [date(2025, 3, 12)])


def test_a_few_missing_days_are_no_rule() -> None:
    open_days = [day for day in days(14) if day.weekday() != 5]
    assert guess_calendar(open_days) == ([], [date(2025, 3, 8), date(2025, 3, 15)])


def test_no_gap_and_no_file_close_nothing() -> None:
    assert guess_calendar(days(14)) == ([], [])
    assert guess_calendar([]) == ([], [])
