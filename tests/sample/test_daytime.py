from datetime import date

import numpy as np
import pytest

from jobs.sample.daytime import MS_PER_DAY, hours_apart, to_local_hour, to_utc_ms
from jobs.sample.places import PLACES, build_utc_offsets

TOKYO = [place.country for place in PLACES].index("JP")
NEW_YORK = [place.country for place in PLACES].index("US")


def test_offsets_follow_summer_time():
    assert build_utc_offsets(date(2025, 1, 15))[NEW_YORK] == -5.0
    assert build_utc_offsets(date(2025, 7, 15))[NEW_YORK] == -4.0
    assert build_utc_offsets(date(2025, 7, 15))[TOKYO] == 9.0


@pytest.mark.parametrize(("local", "utc_hour"), [(8.0, 23.0), (9.0, 0.0), (25.0, 16.0)])
def test_local_hours_wrap_around_the_utc_day(local, utc_hour):
    offsets = build_utc_offsets(date(2025, 1, 15))
    ms = to_utc_ms(np.array([local]), np.array([TOKYO]), offsets)
    assert ms.tolist() == [int(utc_hour * 3_600_000)]
    assert 0 <= ms[0] < MS_PER_DAY
    assert to_local_hour(ms, np.array([TOKYO]), offsets).tolist() == [local % 24]


def test_hours_are_apart_around_midnight():
    assert hours_apart(np.array([23.0, 1.0, 12.0]), np.array([1.0, 23.0, 0.0])).tolist() == [2.0, 2.0, 12.0]
