import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from jobs.evaluation.beyond_accuracy import (
    N_DIRECTIONS,
    compute_category_diversity,
    compute_diversity,
    compute_equal_lists,
    compute_gini,
    compute_novelty,
    compute_repeats,
    project_items,
    self_information,
)

N_ITEMS = 7
ALL = np.ones(N_ITEMS, dtype=bool)


def lists(*rows):
    return np.array(rows, dtype=np.int32)


def had(*items):
    return csr_matrix(np.array([[float(i in own) for i in range(N_ITEMS)] for own in items]))


rows = st.lists(
    st.tuples(st.permutations(range(N_ITEMS)), st.integers(0, 4)).map(lambda d: (d[0][: d[1]] + [-1] * 4)[:4]),
    min_size=1,
    max_size=6,
)


def slow_gini(counts):
    """Mean difference of all pairs over twice the mean."""
    n, mean = len(counts), sum(counts) / len(counts)
    return sum(abs(a - b) for a in counts for b in counts) / (2 * n * n * mean) if mean else 0.0


@given(rows)
def test_gini_is_the_mean_difference_of_pairs(made):
    counts = [sum(item in row for row in made) for item in range(N_ITEMS)]
    assert compute_gini(lists(*made), ALL) == pytest.approx(slow_gini(counts))


def test_gini_counts_what_is_never_shown_and_leaves_out_what_cannot_be():
    assert compute_gini(lists([0], [0]), ALL) == pytest.approx(1 - 1 / N_ITEMS)
    assert compute_gini(lists([0], [1]), np.arange(N_ITEMS) < 2) == 0
    assert compute_gini(lists([-1]), ALL) == 0


def test_equal_lists_are_the_share_of_the_most_frequent_one():
    assert compute_equal_lists(lists([1, 2], [2, 1], [1, 2], [1, 2])) == 0.75
    assert compute_equal_lists(lists([1, 2])[:0]) == 0
    wide = lists([1, 2, 3], [1, 2, 4])
    assert compute_equal_lists(wide[:, :2]) == 1


def test_self_information_is_rarer_items_and_finite_for_unknown_ones():
    found = self_information(had({0, 1}, {0}, {0}, set()))
    assert found[:3].tolist() == [0, 1, 2]
    assert np.isfinite(found).all()


def test_novelty_is_a_mean_over_what_is_listed():
    found = compute_novelty(lists([0, 1, -1], [-1, -1, -1]), np.array([1.0, 4, 0, 0, 0, 0, 9]))
    assert found[0] == 2.5
    assert math.isnan(found[1])


def test_repeats_are_of_the_user_alone():
    found = compute_repeats(lists([0, 1, 2, -1], [0, -1, -1, -1], [-1] * 4), had({0, 2}, {1}, {1}))
    assert found[:2].tolist() == [pytest.approx(2 / 3), 0]
    assert math.isnan(found[2])


@settings(deadline=None)
@given(rows, st.lists(st.integers(-1, 2), min_size=N_ITEMS, max_size=N_ITEMS))
def test_category_diversity_as_a_loop_over_pairs(made, categories):
    found = compute_category_diversity(lists(*made), np.array(categories, dtype=np.int32))
    for row, value in zip(made, found, strict=True):
        known = [categories[item] for item in row if item >= 0 and categories[item] >= 0]
        pairs = list(combinations(known, 2))
        expected = sum(a != b for a, b in pairs) / len(pairs) if pairs else math.nan
        assert value == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)
@given(rows)
def test_diversity_as_a_loop_over_pairs(made):
    vectors = np.random.default_rng(1).normal(size=(N_ITEMS, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[2] = 0
    found = compute_diversity(lists(*made), vectors)
    for row, value in zip(made, found, strict=True):
        pairs = list(combinations([item for item in row if item >= 0 and item != 2], 2))
        expected = 1 - np.mean([vectors[a] @ vectors[b] for a, b in pairs]) if pairs else math.nan
        assert value == pytest.approx(expected, nan_ok=True, abs=1e-5)


def test_projected_items_keep_their_cosines_on_average():
    rng = np.random.default_rng(2)
    matrix = csr_matrix((rng.random((400, 60)) < rng.random(60) * 0.5).astype(np.float32))
    vectors = project_items(matrix)
    assert vectors.shape == (60, N_DIRECTIONS)
    dense = matrix.toarray() / np.linalg.norm(matrix.toarray(), axis=0)
    error = vectors @ vectors.T - dense.T @ dense
    assert abs(error.mean()) < 0.1 * (dense.T @ dense).mean()
    assert error.std() < 1.5 / math.sqrt(N_DIRECTIONS)
    assert (project_items(had({0}))[1:] == 0).all()
