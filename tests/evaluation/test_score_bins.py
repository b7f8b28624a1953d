import numpy as np
import pytest

from jobs.evaluation.score_bins import compute_score_bins


def test_equal_bins_by_score_whatever_the_order():
    scores = np.array([4, 1, 3, 2, 8, 7, 6, 5], dtype=np.float32)
    bins = compute_score_bins(scores, scores > 5, n_bins=4)
    assert bins.score.tolist() == [1.5, 3.5, 5.5, 7.5]
    assert bins.share.tolist() == [0, 0, 0.5, 1]
    assert bins.count.tolist() == [2, 2, 2, 2]


def test_equal_scores_are_in_one_bin():
    bins = compute_score_bins(np.array([1.0, 1, 1, 1, 1, 2]), np.array([1, 0, 0, 0, 0, 1], dtype=bool), n_bins=3)
    assert bins.count.tolist() == [6]
    assert compute_score_bins(np.zeros(5), np.zeros(5, dtype=bool)).count.tolist() == [5]


def test_wilson_s_interval():
    # 10 of 100: 0.0552 to 0.1744, as in the literature.
    bins = compute_score_bins(np.zeros(100), np.arange(100) < 10)
    assert bins.low[0] == pytest.approx(0.0552, abs=1e-4)
    assert bins.high[0] == pytest.approx(0.1744, abs=1e-4)


def test_scores_that_turn_are_counted_and_chance_is_not():
    rng = np.random.default_rng(0)
    scores = rng.random(20_000)
    right = compute_score_bins(scores, rng.random(20_000) < scores / 10)
    wrong = compute_score_bins(-scores, rng.random(20_000) < scores / 10)
    assert right.inversions == 0
    assert wrong.inversions >= 10
    assert compute_score_bins(scores, rng.random(20_000) < 0.05).inversions <= 1


def test_nothing_to_bin():
    bins = compute_score_bins(np.empty(0), np.empty(0, dtype=bool))
    assert (len(bins.score), bins.inversions) == (0, 0)
