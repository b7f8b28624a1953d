"""Which days hold every key at rest, and where a night looks for one."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobs.features.rest import MergeDays, RestRule

SINCE = date(2025, 1, 1)


@given(day=st.integers(1, 400), every=st.integers(1, 40))
def test_a_night_looks_back_to_the_last_merge_and_no_further(day: int, every: int) -> None:
    merges, first = MergeDays(SINCE, every), SINCE + timedelta(day)
    days = merges.to_look_up(first)
    assert days[-1] == first - timedelta(1)
    assert merges.within(days[0], days[0])
    assert not any(merges.within(later, later) for later in days[1:])
    assert len(days) <= every


def test_a_range_has_a_merge_day_or_not() -> None:
    merges = MergeDays(SINCE, 10)
    assert merges.within(date(2025, 1, 2), date(2025, 1, 11))
    assert not merges.within(date(2025, 1, 2), date(2025, 1, 10))


def test_no_window_is_longer_than_the_way_to_rest() -> None:
    merges = MergeDays(SINCE, 10)
    assert RestRule.of((30, None), (7, 90), merges).days == 90
    assert RestRule.of((120,), (), merges).days == 120
