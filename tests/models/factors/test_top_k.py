"""Lists out of factors are those of a full sort of all scores."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.models.factors import factor_top_k, search
from jobs.models.lists import top_k


def naive(users, items, k, exclude=None, available=None):
    """All scores in float64, then the one way to cut lists; who has no factors is told nothing."""
    exact = items.astype(np.float64)
    scores = np.array([(exact * user).sum(axis=1) for user in users.astype(np.float64)], dtype=np.float32)
    scores = scores.reshape(len(users), len(items))
    scores[~users.any(axis=1)] = -np.inf
    return top_k(scores, k, exclude, available)


def assert_same(found, expected):
    assert np.array_equal(found.items, expected.items)
    assert np.array_equal(found.scores, expected.scores)


@st.composite
def cases(draw):
    """Few different numbers, so that scores are often equal, or any numbers."""
    n, m, f = draw(st.integers(0, 9)), draw(st.integers(0, 70)), draw(st.integers(1, 9))
    values = draw(st.sampled_from([st.integers(-2, 2).map(float), st.floats(-1e3, 1e3, width=32)]))
    users = draw(arrays(np.float32, (n, f), elements=values))
    items = draw(arrays(np.float32, (m, f), elements=values))
    exclude = csr_matrix(draw(arrays(np.float32, (n, m), elements=st.sampled_from([0.0, 0.0, 1.0]))))
    available = draw(arrays(np.bool_, m))
    return users, items, draw(st.sampled_from([None, exclude])), draw(st.sampled_from([None, available]))


@settings(max_examples=300, deadline=None)
@given(cases(), st.integers(1, 12), st.integers(1, 3))
def test_as_a_full_sort_of_all_scores(case, k, threads):
    users, items, exclude, available = case
    found = factor_top_k(users, items, k, exclude, available, threads)
    assert_same(found, naive(users, items, k, exclude, available))


@pytest.fixture(scope="module")
def large():
    rng = np.random.default_rng(5)
    users, items = rng.normal(size=(301, 32)), rng.normal(size=(3_000, 32)) * rng.pareto(2, size=(3_000, 1))
    had = csr_matrix((rng.random((301, 3_000)) < 0.02).astype(np.float32))
    return users.astype(np.float32), items.astype(np.float32), had, rng.random(3_000) < 0.9


def test_where_groups_hold_many_items(large):
    users, items, had, available = large
    assert_same(factor_top_k(users, items, 20, had, available), naive(users, items, 20, had, available))


def test_batches_and_threads_do_not_matter(large, monkeypatch):
    users, items, had, _ = large
    expected = factor_top_k(users, items, 20, had, threads=1)
    monkeypatch.setattr(search, "BATCH_SCORES", 3_000 * 7)
    assert_same(factor_top_k(users, items, 20, had, threads=3), expected)


def test_users_that_differ_in_the_seventh_digit_only_have_exact_lists():
    rng = np.random.default_rng(6)
    one = rng.normal(size=64)
    items = (one + rng.normal(size=(2_000, 64)) * 1e-7).astype(np.float32)
    users = (one + rng.normal(size=(5, 64)) * 1e-7).astype(np.float32)
    assert_same(factor_top_k(users, items, 10), naive(users, items, 10))


def test_who_has_had_nearly_everything_gets_the_rest(large):
    users, items, _, _ = large
    had = np.ones((len(users), len(items)), dtype=np.float32)
    had[:, [7, 11]] = 0
    assert_same(factor_top_k(users, items, 20, csr_matrix(had)), naive(users, items, 20, csr_matrix(had)))


def test_an_unknown_user_has_an_empty_list(large):
    _, items, _, _ = large
    found = factor_top_k(np.zeros((2, 32), np.float32), items, 3)
    assert found.items.tolist() == [[-1] * 3] * 2
    assert found.scores.tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"k": 0}, "k must be at least 1; got 0"),
        ({"item_factors": np.ones((4, 3), np.float32)}, "users have 2 factors, items 3"),
        ({"exclude": csr_matrix((2, 3))}, r"shape \(2, 4\) of users and items; got \(2, 3\)"),
        ({"available": np.ones(4)}, r"bool of shape \(4,\); got float64"),
        ({"item_factors": np.full((4, 2), np.nan, np.float32)}, "item factors must be finite; those of item 0"),
        ({"user_factors": np.full((2, 2), np.inf, np.float32)}, "user factors must be finite; those of user 0"),
    ],
)
def test_what_cannot_be_searched_is_refused(change, said):
    told = {"user_factors": np.ones((2, 2), np.float32), "item_factors": np.ones((4, 2), np.float32), "k": 1}
    with pytest.raises(ModelError, match=said):
        factor_top_k(**{**told, **change})
