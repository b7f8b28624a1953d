import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_matrix

from jobs.models.lists import round_significant, top_k

FINITE = st.floats(-1e6, 1e6, width=32)


def test_best_first_and_equal_scores_by_position():
    lists = top_k(np.array([[1, 3, 2, 3]], dtype=np.float32), k=3)
    assert lists.items.tolist() == [[1, 3, 2]]
    assert lists.scores.tolist() == [[3, 3, 2]]


def test_excluded_unavailable_and_impossible_items_stay_out():
    scores = np.array([[5, 4, 3, -np.inf, np.nan, 1]], dtype=np.float32)
    exclude = csr_matrix(([0.0], ([0], [0])), shape=(1, 6))
    available = np.array([True, False, True, True, True, True])
    lists = top_k(scores, 4, exclude, available)
    assert lists.items.tolist() == [[2, 5, -1, -1]]
    assert lists.scores.tolist() == [[3, 1, 0, 0]]
    assert lists.lengths.tolist() == [2]


def test_a_list_longer_than_the_catalogue_is_padded():
    assert top_k(np.array([[-1, -2]], dtype=np.float32), 4).items.tolist() == [[0, 1, -1, -1]]


def test_no_item_at_all():
    assert top_k(np.empty((2, 0), dtype=np.float32), 2).items.tolist() == [[-1, -1], [-1, -1]]


def test_scores_that_rounding_makes_equal_go_by_position():
    scores = np.array([[1.0000001, 1.0000002, 2]], dtype=np.float32)
    assert scores[0, 0] < scores[0, 1]
    assert top_k(scores, 3).items.tolist() == [[2, 0, 1]]


@given(arrays(np.float32, (3, 12), elements=FINITE), st.integers(1, 15))
def test_as_a_full_sort(scores, k):
    lists = top_k(scores, k)
    for row, items, listed in zip(scores, lists.items, lists.scores, strict=True):
        best = sorted(range(12), key=lambda i: (-row[i], i))[:k]
        assert set(items[items >= 0].tolist()) == set(best)
        assert (np.diff(listed[: len(best)]) <= 0).all()


def test_six_significant_digits():
    made = round_significant(np.array([123456.7, 0.00012345678, -9.9999999, 0, 1e-40]))
    assert np.allclose(made, [123457, 0.000123457, -10, 0, 1e-40], rtol=1e-12, atol=0)
