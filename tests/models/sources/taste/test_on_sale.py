"""What an item competed for, and how its pull changes."""

from dataclasses import replace

import numpy as np
import pytest

from jobs.models.sources.taste.item_trend import DailyImpressions, learn_trend
from jobs.models.sources.taste.on_sale import LAUNCH_DAYS, MONTH_DAYS, OnSale, launch_bin


def on_sale(first_age, last_age):
    first = np.array(first_age, dtype=np.int32)
    even = np.zeros(len(first)), np.zeros(len(LAUNCH_DAYS))
    return OnSale(first, np.array(last_age, dtype=np.int32), first < max(first_age), *even)


def test_opportunities_are_impressions_while_on_sale_both_ends_included():
    by_age = np.array([[1, 10, 100, 1000]], dtype=np.float32)
    found = on_sale([3, 2, 3, -1, 1], [0, 1, 3, 0, 1]).opportunities(by_age)
    assert found.tolist() == [[1111, 110, 1000, 0, 10]]


def test_a_trend_weighs_days_and_goes_on_after_the_cut():
    falling = replace(on_sale([30], [0]), trend=np.array([-0.5]))
    assert falling.log_pull(np.array([MONTH_DAYS, 0, -MONTH_DAYS])).ravel() == pytest.approx([0.5, 0, -0.5])


def test_a_launch_passes():
    launch = np.arange(len(LAUNCH_DAYS)) - 10.0
    item = replace(on_sale([5, 90], [0, 0]), launch=launch)
    pull = item.log_pull(np.array([5, 4, 0, -100]))
    assert pull[:, 0].tolist() == [-10, -9, -7, 0]
    assert not pull[:, 1].any(), "the launch of what was there from the start is not known"


def test_bins_end_before_their_day():
    assert launch_bin(np.array([0, 1, 2, 24, 25, 99])).tolist() == [0, 1, 2, 6, 7, 7]


def test_planted_trends_and_a_launch_are_found():
    rng = np.random.default_rng(3)
    first_age = np.where(np.arange(200) < 100, 90, rng.integers(30, 60, 200))
    first_age[0] = 90
    start = on_sale(first_age.tolist(), [0] * 200)
    launch = np.array([-1.5, -1.0, -0.7, -0.4, -0.2, 0, 0])
    true = replace(start, trend=rng.normal(0, 0.3, 200), launch=launch)
    age = np.arange(91)
    expected = np.where(start.is_on(91), 3.0, 0)
    seen = rng.poisson(expected * np.exp(true.log_pull(age))).astype(float)
    found = learn_trend(start, DailyImpressions(seen, expected))
    assert np.corrcoef(found.trend, true.trend)[0, 1] > 0.85
    assert found.launch == pytest.approx(launch, abs=0.3)
