"""BG/NBD against its own simulation and against direct sums."""

import numpy as np
import pytest
from scipy.special import hyp2f1

from jobs.models.predictions.rhythm import Days, Rhythm

PARAMS = np.array([0.8, 0.6, 40.0, 2.5])


def simulated(n: int, age: float, seed: int = 3) -> tuple[Days, np.ndarray]:
    """Users who come by the model's own rules, and how often each comes in the 90 days after."""
    rng = np.random.default_rng(seed)
    r, a, alpha, b = PARAMS
    repeats, recency, later = np.zeros(n), np.zeros(n), np.zeros(n)
    for user in range(n):
        rate, leaves = rng.gamma(r, 1 / alpha), rng.beta(a, b)
        at = rng.exponential(1 / rate)
        while at < age + 90:
            if at < age:
                repeats[user], recency[user] = repeats[user] + 1, at
            else:
                later[user] += 1
            if rng.random() < leaves:
                break
            at += rng.exponential(1 / rate)
    return Days(repeats, recency, np.full(n, age)), later


def test_expected_visits_are_those_that_come() -> None:
    days, later = simulated(6_000, 200.0)
    rhythm = Rhythm.fit(days)
    told = rhythm.expected(days, 90.0)
    assert told.mean() == pytest.approx(later.mean(), rel=0.08)
    often = days.repeats >= 3
    assert told[often].mean() == pytest.approx(later[often].mean(), rel=0.08)
    assert rhythm.odds_gone(days)[days.repeats == 0].max() < 0


def test_equation_10_as_it_is_printed_gives_the_same() -> None:
    days = Days(np.array([0.0, 1.0, 7.0]), np.array([0.0, 10.0, 150.0]), np.array([30.0, 200.0, 160.0]))
    r, a, alpha, b = PARAMS
    x, last, age, t = days.repeats, days.recency, days.age, 30.0
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series)
    gone = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + last)) ** (r + x), 0.0)
    assert Rhythm(PARAMS).expected(days, t) == pytest.approx(top / (1 + gone), rel=1e-9)


def test_whatever_the_days_the_numbers_are_finite() -> None:
    repeats = np.array([0.0, 400.0, 0.0, 3.0, 5.0])
    days = Days(repeats, np.array([0.0, 400.0, 0.0, 3.0, 0.0]), np.array([0.0, 400.0, 900.0, 900.0, 0.0]))
    for rhythm in (Rhythm.fit(days), Rhythm(np.exp([5.0, 5.0, 9.0, 5.0])), Rhythm(np.exp([-7.0, -7.0, -3.0, -7.0]))):
        assert np.isfinite(rhythm.expected(days, 90.0)).all()
        assert (rhythm.expected(days, 90.0) <= 90.0).all()
        assert np.isfinite(rhythm.odds_gone(days)).all()
