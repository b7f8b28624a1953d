import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jobs.evaluation.bootstrap import MOST_RELATIVE, Paired, compare_pair, resample


def column(*values):
    return np.array(values, dtype=np.float64)[:, None]


def test_the_same_seed_gives_the_same_draws_and_blocks_do_not_matter():
    values = np.random.default_rng(1).random((300, 2))
    assert (resample(values, 400, 7).drawn == resample(values, 400, 7).drawn).all()
    assert not (resample(values, 400, 7).drawn == resample(values, 400, 8).drawn).all()


def test_draws_scatter_as_the_mean_does():
    values = np.random.default_rng(2).normal(3.0, 2.0, (1000, 1))
    drawn = resample(values, 4000, 7).drawn[:, 0]
    assert drawn.mean() == pytest.approx(values.mean(), abs=0.01)
    assert drawn.std() == pytest.approx(values.std() / math.sqrt(1000), rel=0.05)


def test_draws_are_those_of_drawing_with_replacement():
    values = np.random.default_rng(3).exponential(size=400)
    rng = np.random.default_rng(4)
    slowly = [values[rng.integers(0, 400, 400)].mean() for _ in range(4000)]
    found = resample(values[:, None], 4000, 7).estimate(0, 0.95)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(slowly, [0.025, 0.975])), rel=0.02)


def test_a_user_without_a_value_counts_in_no_draw():
    values = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 7.0]])
    draws = resample(values, 500, 7)
    assert draws.means.tolist() == [2.0, 6.0]
    assert draws.drawn[:, 1].min() >= 5
    assert draws.drawn[:, 1].max() <= 7
    assert resample(values, 500, 7).drawn[:, 0] == pytest.approx(resample(values[:, :1], 500, 7).drawn[:, 0])


def test_nobody_and_nothing_known_are_not_a_number():
    assert math.isnan(resample(np.empty((0, 1)), 10, 7).estimate(0, 0.95).value)
    assert math.isnan(resample(column(np.nan, np.nan), 10, 7).estimate(0, 0.95).low)


def test_one_user_has_no_spread():
    found = resample(column(0.5), 100, 7).estimate(0, 0.95)
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


def test_equal_methods_differ_by_nothing_for_certain():
    values = np.random.default_rng(5).random(50)
    assert compare_pair(values, values, 300, 7, 0.95) == Paired(
        value=values.mean(),
        base=values.mean(),
        difference=0,
        low=0,
        high=0,
        relative=0,
        relative_low=0,
        relative_high=0,
    )


def test_a_pair_varies_less_than_its_parts():
    rng = np.random.default_rng(6)
    base = rng.random(500)
    better = base + rng.normal(0.02, 0.01, 500)
    found = compare_pair(better, base, 1000, 7, 0.95)
    assert 0.018 < found.low < found.difference < found.high < 0.022
    assert found.relative == pytest.approx(better.mean() / base.mean() - 1)
    assert found.ratio_low == pytest.approx(1 + found.relative_low)


def test_nothing_to_be_relative_to():
    nothing, something = np.zeros(20), np.full(20, 0.1)
    assert compare_pair(nothing, nothing, 50, 7, 0.95).relative == 0
    found = compare_pair(something, nothing, 50, 7, 0.95)
    assert (found.relative, found.relative_low) == (MOST_RELATIVE, MOST_RELATIVE)
    assert compare_pair(nothing, something, 50, 7, 0.95).relative == -1


def test_a_pair_must_be_of_the_same_users():
    with pytest.raises(ValueError, match=r"got shapes \(2,\) and \(3,\)"):
        compare_pair(np.zeros(2), np.zeros(3), 10, 7, 0.95)


@settings(max_examples=25, deadline=None)
@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(0, 1)))
def test_intervals_lie_within_the_values_and_differences_are_opposite(values):
    draws = resample(values, 60, 7)
    for index in range(2):
        found = draws.estimate(index, 0.9)
        low, high = values[:, index].min() - 1e-9, values[:, index].max() + 1e-9
        assert low <= found.low <= found.high <= high
        assert low <= found.value <= high
    there, back = draws.paired(0, 1, 0.9), draws.paired(1, 0, 0.9)
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Values as nDCG has them: a third are 0, the others skewed. 400 worlds; three deviations are 3.3 %."""
    rng = np.random.default_rng(8)
    held = {"mean": 0, "difference": 0, "ratio": 0}
    for world in range(400):
        hard = rng.random(200)
        base = np.where(hard < 0.3, 0.0, hard**2) * rng.random(200)
        other = np.where(hard < 0.3, 0.0, hard**2) * rng.random(200) * 1.2
        draws = resample(np.column_stack([other, base]), 400, world)
        of_base, pair = draws.estimate(1, 0.95), draws.paired(0, 1, 0.95)
        true = (1 - 0.3**3) / 3 / 2
        held["mean"] += of_base.low <= true <= of_base.high
        held["difference"] += pair.low <= 0.2 * true <= pair.high
        held["ratio"] += pair.relative_low <= 0.2 <= pair.relative_high
    for name, count in held.items():
        assert 0.915 <= count / 400 <= 0.985, name


def test_two_thousand_draws_of_five_thousand_users_are_quick():
    values = np.random.default_rng(9).random((5000, 2))
    started = time.process_time()
    resample(values, 2000, 7)
    assert time.process_time() - started < 2
