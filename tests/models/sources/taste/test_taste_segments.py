"""Segments, survival and the arithmetic below them."""

from functools import reduce

import numpy as np
import pytest

from jobs.models.sources.taste.latent import HABITS, UserBeliefs
from jobs.models.sources.taste.poisson_factors import Evidence
from jobs.models.sources.taste.segments import Segments, learn_segments, split_segments
from jobs.models.sources.taste.survival import expected_days, fit_leave_rate, probability_alive
from jobs.models.sources.taste.symmetric import pack, packed_outer, packed_squares, unpack

K, N = 2, 600
WIDTH = K + len(HABITS)


@pytest.fixture
def noisy():
    """Users of two segments that differ in tastes and in one habit, each measured with noise."""
    rng = np.random.default_rng(1)
    member = np.arange(N) % 2
    centre = np.zeros((2, WIDTH))
    centre[1, :K], centre[1, K] = 4, 1.5
    true = centre[member] + rng.normal(0, 0.5, (N, WIDTH))
    seen = true + rng.normal(0, 1.0, (N, WIDTH))
    return member, centre, seen


def at(mean):
    return UserBeliefs(mean, np.tile(np.eye(WIDTH), (N, 1, 1)), np.ones((N, 1)))


def gaussian(seen, mean):
    """Evidence of one measurement with variance 1."""
    return Evidence(seen - mean, pack(np.tile(np.eye(WIDTH), (N, 1, 1))))


def test_segments_are_found_under_the_noise(noisy):
    member, centre, seen = noisy
    segments = split_segments(at(seen), 2)
    for _ in range(40):
        users, sums = segments.newton_step(at(seen), gaussian(seen, seen))
        segments = learn_segments(segments, sums)
    order = np.argsort(segments.mean[:, 0])
    assert segments.mean[order] == pytest.approx(centre, abs=0.2)
    assert np.diag(np.linalg.inv(segments.precision)) == pytest.approx(np.full(WIDTH, 0.25), abs=0.2)
    assert (np.argmax(users.segments[:, order], axis=1) == member).mean() > 0.98
    # Leaning to one's segment errs less than what was measured.
    assert np.abs(users.mean - centre[member]).mean() < np.abs(seen - centre[member]).mean()


def test_sums_of_blocks_are_those_of_all(noisy):
    _, _, seen = noisy
    segments = split_segments(at(seen), 2)
    _, whole = segments.newton_step(at(seen), gaussian(seen, seen))
    evidence, parts = gaussian(seen, seen), []
    for rows in (slice(0, 100), slice(100, N)):
        users = UserBeliefs(seen[rows], at(seen).covariance[rows], np.ones((N, 1))[rows])
        part = Evidence(evidence.gradient[rows], evidence.packed[rows])
        parts.append(segments.newton_step(users, part)[1])
    added = reduce(lambda one, other: one + other, parts)
    assert added.second == pytest.approx(whole.second)
    assert added.doubt == pytest.approx(whole.doubt)


def test_of_whom_nothing_is_known_the_prior_says_the_mixture():
    segments = Segments(np.array([0.25, 0.75]), np.array([[0.0] * WIDTH, [4.0] * WIDTH]), np.eye(WIDTH))
    users = segments.prior(3)
    assert users.mean[1] == pytest.approx([3.0] * WIDTH)
    assert users.covariance[2, 0] == pytest.approx([1 + 3.0] + [3.0] * (WIDTH - 1))


def test_a_segment_without_a_user_is_left_out():
    mean = np.zeros((N, WIDTH))
    assert len(split_segments(at(mean), 4).share) == 1


def test_silence_is_a_sign_of_having_left_for_those_who_came_often():
    alive = probability_alive(np.array([0.02, 0.5]), np.array([20.0, 20.0]), 0.02)
    assert alive[0] > 0.6
    assert alive[1] < 0.01
    assert probability_alive(np.array([0.5]), np.array([0.0]), 0.02) == pytest.approx([1.0])
    assert expected_days(1e-9, 14) == pytest.approx(14)
    assert expected_days(0.3, 14) < 4


def test_the_leave_rate_is_found():
    rng = np.random.default_rng(2)
    days, rate, leave = 200, 0.3, 0.02
    left = np.minimum(rng.exponential(1 / leave, 3000), days)
    last = left - np.minimum(rng.exponential(1 / rate, 3000), left)
    found = fit_leave_rate(np.full(3000, rate), last, days - last)
    assert found == pytest.approx(leave, rel=0.3)


def test_packed_products_are_quadratic_forms():
    rng = np.random.default_rng(4)
    vectors = rng.normal(size=(5, 4))
    matrices = np.einsum("nk,nl->nkl", vectors, vectors) + np.eye(4)
    assert unpack(pack(matrices), 4) == pytest.approx(matrices)
    assert unpack(packed_outer(vectors), 4) == pytest.approx(matrices - np.eye(4))
    assert pack(matrices)[0] @ packed_squares(vectors)[1] == pytest.approx(vectors[1] @ matrices[0] @ vectors[1])
