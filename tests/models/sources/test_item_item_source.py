import numpy as np
import pytest
from scipy.sparse import csr_matrix
from source_worlds import bought, looked, past_of

from jobs.core.errors import ModelError
from jobs.models.sources.baskets import Baskets
from jobs.models.sources.item_item import ItemItem
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.neighbours import keep_largest, neighbours_of_product
from jobs.models.sources.sequence import Sequence
from jobs.models.weighting import Bm25

EVER = 1e9  # a half-life after which nothing has decayed


def plain(**params):
    of_time = {"half_life_days": EVER, "history_half_life_days": EVER}
    return ItemItem(similarity="cosine", **{**of_time, **params})


def test_cosine_of_the_columns_of_two_items():
    past = past_of([bought(u, i, 1) for u, i in ("ax", "ay", "bx", "by", "cx", "dz")])
    source = plain().fit(past)
    likeness = source.neighbours.toarray()
    assert np.allclose(likeness, [[0, 2 / np.sqrt(6), 0], [2 / np.sqrt(6), 0, 0], [0, 0, 0]])
    assert np.allclose(source.score(past.history)[2], [1, 2 / np.sqrt(6), 0])  # c had x


def test_own_history_decays_and_the_item_itself_counts_as_told():
    past = past_of([bought("a", "x", 0), bought("a", "y", 0), bought("b", "x", 20), bought("b", "x", 10)])
    source = plain(history_half_life_days=10, self_weight=0.5).fit(past)
    had = 0.25 + 0.5
    cosine = 1 / np.sqrt(1 + 2**2)
    assert np.allclose(source.score(past.history)[1], [0.5 * had, cosine * had], atol=1e-6)


def test_bm25_weighs_before_the_cosine():
    past = past_of([bought(u, i, 1) for u, i in ("ax", "ay", "az", "bx", "by", "cx", "dz")])
    source = ItemItem(half_life_days=EVER, bm25_k1=1.2, bm25_b=0.5).fit(past)
    plain_weights = past.history.matrix()
    weights = Bm25.fit(plain_weights, 1.2, 0.5).transform(plain_weights).toarray().astype(np.float64)
    expected = weights[:, 0] @ weights[:, 1] / np.linalg.norm(weights[:, 0]) / np.linalg.norm(weights[:, 1])
    assert source.neighbours[0, 1] == pytest.approx(expected, rel=1e-5)


def test_scores_are_multiplied_with_the_trend():
    past = past_of([bought("a", "x", 0), bought("a", "y", 0), bought("b", "x", 50), bought("b", "y", 50)])
    trend = {"trend_half_life_days": 10, "trend_base_half_life_days": 100}
    with_trend = plain(**trend, trend_power=1.0).fit(past).score(past.history)
    factor = ItemTrend(10, 100, 1.0).of(past.history)
    assert np.allclose(with_trend, plain().fit(past).score(past.history) * factor)


def test_only_the_nearest_neighbours_are_kept_and_equals_go_by_item():
    past = past_of([bought(u, i, 1) for u, i in ("ax", "ay", "az", "aw", "by", "bx")])
    neighbours = plain(n_neighbours=2).fit(past).neighbours
    assert past.items.tolist() == ["w", "x", "y", "z"]
    assert neighbours[3].nonzero()[1].tolist() == [0, 1]  # z: w is nearest; x and y are equal
    assert np.diff(neighbours.indptr).tolist() == [2, 2, 2, 2]


def test_interest_counts_what_was_looked_at_and_dislike_does_not():
    past = past_of([bought("a", "x", 1), looked("a", "y", 1), looked("b", "x", 1, weight=-2.0)])
    assert plain().fit(past).neighbours.nnz == 0
    neighbours = plain(signal="interest").fit(past).neighbours
    assert neighbours.toarray().tolist() == [[0, 1], [1, 0]]


def test_keep_largest_leaves_what_is_not_above_zero():
    matrix = csr_matrix(np.array([[3.0, -5, 2, 1], [0, 0, 0, 0], [1, 1, 1, 1]]))
    assert keep_largest(matrix, 2).toarray().tolist() == [[3, 0, 2, 0], [0, 0, 0, 0], [1, 1, 0, 0]]


def test_the_product_in_blocks_is_the_product(monkeypatch):
    rng = np.random.default_rng(1)
    matrix = csr_matrix(rng.random((30, 11)) * (rng.random((30, 11)) < 0.3))
    whole = (matrix.T @ matrix).toarray()
    np.fill_diagonal(whole, 0)
    monkeypatch.setattr("jobs.models.sources.neighbours.BLOCK_ITEMS", 4)
    assert np.allclose(neighbours_of_product(matrix, matrix, 11).toarray(), whole, atol=1e-6)


def test_a_basket_is_a_day_and_a_full_one_says_less_of_two_items():
    events = [bought("a", "x", 5), bought("a", "y", 5), bought("a", "z", 9)]
    events += [bought("b", item, 3) for item in "xyzw"]
    past = past_of(events)
    source = Baskets(half_life_days=EVER, history_half_life_days=EVER, trend_power=0.0).fit(past)
    assert past.items.tolist() == ["w", "x", "y", "z"]
    likeness = source.neighbours.toarray()
    # Rows of baskets: (x, y) weighs 1 / sqrt(2), (w, x, y, z) 1 / sqrt(4); z alone is no basket.
    assert likeness[1, 2] == pytest.approx(1)
    assert likeness[1, 3] == pytest.approx(0.25 / (np.sqrt(0.75) * 0.5))
    assert np.allclose(source.score(past.history)[0], likeness[1] + likeness[2] + likeness[3])


def test_no_basket_of_two_items_is_refused():
    with pytest.raises(ModelError, match="nobody had two items on one day"):
        Baskets().fit(past_of([bought("a", "x", 1), bought("a", "y", 2)]))


def sequence(**params):
    return Sequence(half_life_days=EVER, history_half_life_days=EVER, trend_power=0.0, **params)


def test_followers_are_of_later_days_and_of_later_moments_of_a_day():
    events = [bought("a", "x", 9), bought("a", "y", 5, hour=9), bought("a", "z", 5, hour=11)]
    source = sequence(gap_half_life_days=EVER).fit(past_of(events))
    follows = source.neighbours.toarray() > 0
    assert follows.tolist() == [[False, True, True], [False, False, True], [False, False, False]]


def test_what_lies_further_back_counts_less():
    # Before z: y of two days ago, and x of four; their decayed weights are 1/2 and 1/4, brought to length 1.
    past = past_of([bought("a", "x", 4), bought("a", "y", 2), bought("a", "z", 0)])
    source = sequence(gap_half_life_days=2).fit(past)
    before_z = np.array([0.25, 0.5]) / np.hypot(0.25, 0.5)
    # x also came before y, alone; so its column is (1, before_z[0]), that of z only the last step.
    assert source.neighbours[0, 2] == pytest.approx(before_z[0] / np.hypot(1, before_z[0]))
    assert source.neighbours[1, 2] == pytest.approx(1)
    assert np.allclose(source.score(past.history)[0], source.neighbours.toarray().sum(axis=0))


def test_no_further_back_than_max_steps():
    past = past_of([bought("a", "x", 4), bought("a", "y", 2), bought("a", "z", 0)])
    assert sequence(max_steps=1).fit(past).neighbours[0, 2] == 0
    assert sequence(max_steps=2).fit(past).neighbours[0, 2] > 0


def test_one_step_of_each_user_is_no_sequence():
    with pytest.raises(ModelError, match="no user had one item after another"):
        sequence().fit(past_of([bought("a", "x", 1), bought("a", "y", 1), bought("b", "x", 7)]))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"similarity": "jaccard"}, "similarity must be one of"),
        ({"signal": "views"}, "signal must be one of"),
        ({"n_neighbours": 0}, "n_neighbours must be at least 1; got 0"),
        ({"bm25_k1": 0.0}, "bm25_k1 must be above 0; got 0"),
        (
            {"trend_half_life_days": 30, "trend_base_half_life_days": 10},
            "trend_base_half_life_days must be at least 30",
        ),
        ({"trend_power": -1}, "trend_power must be at least 0"),
    ],
)
def test_parameters_out_of_range_are_refused(params, message):
    with pytest.raises(ModelError, match=f"source 'item_item': {message}"):
        ItemItem(**params)
