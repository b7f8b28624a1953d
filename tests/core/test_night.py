"""Dates of a night: the range, closed days, and the midnight that ends a local day."""

from datetime import UTC, date, datetime

import pytest

from jobs.core.config import Settings, load_settings
from jobs.core.errors import UsageError
from jobs.core.night import Night

DAY = date(2025, 3, 3)


def settings_with(section: str, **values: object) -> Settings:
    settings = load_settings("sample")
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update=values)})


def test_a_date_before_the_first_data_is_refused() -> None:
    settings = settings_with("schedule", first_day=DAY)
    assert Night(settings, DAY, DAY).dates == [DAY]
    with pytest.raises(UsageError, match=r"date 2025-03-02 is before the first data of app 'sample'.*2025-03-03 on"):
        Night(settings, date(2025, 3, 2), DAY)


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(UsageError, match="the range 2025-03-03 to 2025-03-02 is empty"):
        Night(load_settings("sample"), DAY, date(2025, 3, 2))


def test_open_days_win_over_closed_weekdays_and_closed_days() -> None:
    saturday, sunday, monday = date(2025, 3, 1), date(2025, 3, 2), DAY
    next_saturday = date(2025, 3, 8)
    settings = settings_with(
        "calendar", closed_weekdays=("saturday",), closed_days=(sunday, monday), open_days=(monday, next_saturday)
    )
    assert Night(settings, saturday, next_saturday).open_dates == [date(2025, 3, day) for day in (3, 4, 5, 6, 7, 8)]
    assert Night(settings, saturday, sunday).is_closed
    assert not Night(settings, saturday, monday).is_closed


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("Europe/London", date(2025, 3, 29), datetime(2025, 3, 30, 0)),
        ("Europe/London", date(2025, 3, 30), datetime(2025, 3, 30, 23)),
        ("Europe/London", date(2025, 10, 26), datetime(2025, 10, 27, 0)),
        ("America/New_York", date(2025, 3, 8), datetime(2025, 3, 9, 5)),
        ("America/New_York", date(2025, 3, 9), datetime(2025, 3, 10, 4)),
        ("Asia/Tokyo", date(2025, 3, 3), datetime(2025, 3, 3, 15)),
        ("UTC", date(2024, 12, 31), datetime(2025, 1, 1)),
    ],
)
def test_a_day_ends_at_local_midnight(zone: str, day: date, end: datetime) -> None:
    settings = settings_with("schedule", time_zone=zone, first_day=date(2024, 1, 1))
    assert Night(settings, day, day).end_of(day) == end.replace(tzinfo=UTC)
