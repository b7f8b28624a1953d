import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from jobs.evaluation import ranking
from jobs.evaluation.ranking import compute_at_cuts, compute_coverage, compute_per_user, find_hits

N_ITEMS = 8


def lists(*rows):
    return np.array(rows, dtype=np.int32)


def relevant(*wanted):
    return csr_matrix(np.array([[i in items for i in range(N_ITEMS)] for items in wanted]))


def slowly(listed, wanted, k):
    """The definitions once more, item by item."""
    cut = [item for item in listed[:k] if item >= 0]
    hits = [rank for rank, item in enumerate(cut, 1) if item in wanted]
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(wanted)) + 1))
    precisions = [sum(1 for other in hits if other <= rank) / rank for rank in hits]
    return {
        "ndcg": sum(1 / math.log2(rank + 1) for rank in hits) / ideal,
        "recall": len(hits) / len(wanted),
        "map": sum(precisions) / min(k, len(wanted)),
        "mrr": 1 / hits[0] if hits else 0.0,
        "hit_rate": float(bool(hits)),
    }


wanted_items = st.sets(st.integers(0, N_ITEMS - 1), min_size=1)
cases = st.lists(st.tuples(st.permutations(range(N_ITEMS)), st.integers(0, 6), wanted_items), min_size=1, max_size=5)


@given(cases, st.integers(1, 6))
def test_as_a_loop_over_the_definitions_and_between_0_and_1(users, k):
    rows = [(order[:length] + [-1] * 6)[:6] for order, length, _ in users]
    made = compute_per_user(lists(*rows), relevant(*[wanted for _, _, wanted in users]), k)
    for index, (row, (_, _, wanted)) in enumerate(zip(rows, users, strict=True)):
        for name, value in slowly(row, wanted, k).items():
            assert math.isclose(made[name][index], value, abs_tol=1e-12), name
            assert 0 <= made[name][index] <= 1 + 1e-12


def test_ndcg_agrees_with_scikit_learn():
    from sklearn.metrics import ndcg_score

    rng = np.random.default_rng(4)
    truth = rng.random((20, N_ITEMS)) < 0.3
    truth[:, 0] |= ~truth.any(axis=1)
    scores = rng.random((20, N_ITEMS))
    order = np.argsort(-scores, axis=1).astype(np.int32)
    made = compute_per_user(order, csr_matrix(truth), 5)
    assert math.isclose(made["ndcg"].mean(), ndcg_score(truth, scores, k=5))


def test_average_precision_of_whole_lists_agrees_with_scikit_learn():
    from sklearn.metrics import average_precision_score, label_ranking_average_precision_score

    rng = np.random.default_rng(5)
    truth = rng.random((20, N_ITEMS)) < 0.3
    truth[:, 0] |= ~truth.any(axis=1)
    scores = rng.random((20, N_ITEMS))
    order = np.argsort(-scores, axis=1).astype(np.int32)
    made = compute_per_user(order, csr_matrix(truth), N_ITEMS)["map"]
    assert made == pytest.approx([average_precision_score(*user) for user in zip(truth, scores, strict=True)])
    assert made.mean() == pytest.approx(label_ranking_average_precision_score(truth, scores))


def test_several_lengths_in_blocks_of_users_are_those_one_by_one(monkeypatch):
    monkeypatch.setattr(ranking, "_BLOCK_USERS", 3)
    rng = np.random.default_rng(6)
    truth = csr_matrix((rng.random((10, N_ITEMS)) < 0.3) | (np.arange(N_ITEMS) == 0))
    order = np.argsort(rng.random((10, N_ITEMS)), axis=1).astype(np.int32)
    found = compute_at_cuts(order, truth, (1, 5))
    for k in (1, 5):
        for name, values in compute_per_user(order, truth, k).items():
            assert (found[f"{name}_at_{k}"] == values).all()
    assert compute_at_cuts(order[:0], truth[:0], (1,))["ndcg_at_1"].shape == (0,)


def test_hits_do_not_need_sorted_matrices_and_nothing_relevant_is_no_hit():
    unsorted = csr_matrix((np.ones(3), np.array([5, 0, 2]), np.array([0, 2, 3])), shape=(2, N_ITEMS))
    assert find_hits(lists([5, 0, 2], [5, 2, -1]), unsorted).tolist() == [[True, True, False], [False, True, False]]
    assert not find_hits(lists([5, 0]), csr_matrix((1, N_ITEMS))).any()


def test_a_perfect_list_has_1_also_where_fewer_items_are_relevant_than_k():
    made = compute_per_user(lists([2, 3, 0, 1]), relevant({2, 3}), 4)
    assert made == {"ndcg": 1, "recall": 1, "map": 1, "mrr": 1, "hit_rate": 1}


def test_padding_is_no_hit_for_the_user_above():
    assert not compute_per_user(lists([0, -1], [-1, -1]), relevant({7}, {0}), 2)["hit_rate"].any()


def test_coverage_counts_each_item_once():
    assert compute_coverage(lists([0, 1], [1, -1]), 8) == 0.25
    assert compute_coverage(lists([-1]), 0) == 0


@pytest.mark.parametrize(
    ("rows", "wanted", "k", "message"),
    [
        (lists([0, 0]), relevant({1}), 2, "same item twice"),
        (lists([0, 1]), relevant({1}), 3, "length of the lists, 2; got 3"),
        (lists([0, 1]), relevant({1}), 0, "got 0"),
        (lists([0, 1]), relevant({1}, {2}), 1, "lists are of 1 users, relevant items of 2"),
        (lists([0, 9]), relevant({1}), 1, "name item 9"),
        (lists([0, 1]), relevant(set()), 1, "1 users have no relevant item"),
    ],
)
def test_wrong_arguments_are_named(rows, wanted, k, message):
    with pytest.raises(ValueError, match=message):
        compute_per_user(rows, wanted, k)
