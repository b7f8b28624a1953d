"""EASE and the ridge of next days."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from source_worlds import bought, past_of, shop

from jobs.core.errors import ModelError
from jobs.models.sources.dense_solve import add_product, damped_rows, invert_ridge, keep_strongest
from jobs.models.sources.ease import Ease
from jobs.models.sources.next_days import NextDays

EVER = 1e9


def test_ease_is_the_best_linear_map_with_an_empty_diagonal():
    past = past_of([bought(u, i, 1) for u, i in ("ax", "ay", "bx", "by", "bz", "cz", "dx", "dz")])
    source = Ease(ridge=0.5, half_life_days=EVER, history_half_life_days=EVER, trend_power=0.0).fit(past)
    x = damped_rows(past.history.matrix()).toarray().astype(np.float64)
    for item in range(3):
        others = [other for other in range(3) if other != item]
        left = x[:, others].T @ x[:, others] + 0.5 * np.eye(2)
        best = np.linalg.solve(left, x[:, others].T @ x[:, item])
        assert np.allclose(source.score(past.history)[:, item], x[:, others] @ best, atol=1e-5)


@pytest.mark.parametrize("source", [Ease(max_items=20), NextDays(max_items=20)], ids=lambda source: source.name)
def test_a_catalogue_above_the_limit_is_refused(source):
    with pytest.raises(ModelError, match=r"takes at most max_items = 20; the catalogue has 25; raise max_items"):
        source.fit(shop())


def test_next_days_solves_the_ridge_of_its_cuts():
    events = [bought("a", "x", 12), bought("a", "y", 4), bought("b", "x", 11), bought("b", "x", 2)]
    events += [bought("c", "y", 30), bought("d", "x", 1)]
    past = past_of(events)
    source = NextDays(horizon_days=10, n_cuts=1, ridge=1.0, half_life_days=EVER, trend_power=0.0).fit(past)
    # a and b came back within ten days of the cut ten days ago: a for y, b for x; both had had one x.
    weight = 2.0 ** (-10 / 90)
    to_x, to_y = (weight * 1 / (weight * 2 + 1) for _ in range(2))
    assert np.allclose(source.score(past.history)[0], [to_x, to_y] / np.sqrt(2), atol=1e-6)
    assert np.allclose(source.score(past.history)[2], 0)  # nobody who came back had had y


def test_an_older_cut_counts_less():
    events = [bought("a", "x", 35), bought("a", "y", 25), bought("b", "x", 15), bought("b", "z", 5)]
    past = past_of(events)
    source = NextDays(
        horizon_days=10, n_cuts=3, cut_step_days=10, cut_half_life_days=20, half_life_days=EVER, trend_power=0.0
    ).fit(past)
    y, z = source.score(past_of([bought("n", "x", 1)]).history.aligned_to(past.items))[0, 1:]
    assert y / z == pytest.approx(0.5)


def test_a_history_that_nobody_came_back_in_is_refused():
    with pytest.raises(ModelError, match=r"nobody came back within 14 days .* the history reaches back 40 days"):
        NextDays(horizon_days=14).fit(past_of([bought("a", "x", 40), bought("b", "y", 3)]))


def test_nothing_after_a_cut_is_read_before_it():
    """What was bought on the day of an inner cut is history; the day after it is what came next."""
    past = past_of([bought("a", "x", 10), bought("a", "y", 9)])
    source = NextDays(horizon_days=10, n_cuts=1, half_life_days=EVER, trend_power=0.0).fit(past)
    to = source.score(past_of([bought("n", "x", 1), bought("m", "y", 1)]).history)
    assert to[1, 1] > 0  # n had x
    assert to[0].tolist() == [0, 0]  # m had y


def test_the_strongest_weights_are_kept_either_way():
    weights = np.array([[0.1, -3, 1], [2, 0.5, -1], [-4, 1, 0.2]], dtype=np.float32)
    kept = keep_strongest(weights, 2)
    assert np.allclose(kept.toarray(), [[0, -3, 1], [2, 0, -1], [-4, 1, 0]])
    assert np.allclose(keep_strongest(weights, 9).toarray(), weights)


def test_the_inverse_is_whole_or_refused(monkeypatch):
    monkeypatch.setattr("jobs.models.sources.dense_solve.BLOCK_ITEMS", 3)
    rows = np.random.default_rng(2).random((9, 7)).astype(np.float32)
    gram = rows.T @ rows
    assert np.allclose(invert_ridge(gram.copy(), 1.0, "ease"), np.linalg.inv(gram + np.eye(7)), atol=1e-5)
    with pytest.raises(ModelError, match=r"source 'ease': its equations cannot be solved .* raise ridge"):
        invert_ridge(-gram, 0.0, "ease")


def test_the_product_in_blocks_is_the_product(monkeypatch):
    rng = np.random.default_rng(1)
    left, right = (csr_matrix((rng.random((30, 7)) * (rng.random((30, 7)) < 0.3)).astype(np.float32)) for _ in "lr")
    monkeypatch.setattr("jobs.models.sources.dense_solve.BLOCK_USERS", 8)
    total = np.zeros((7, 7), dtype=np.float32)
    add_product(total, left, right, 0.5)
    assert np.allclose(total, 0.5 * (left.T @ right).toarray(), atol=1e-6)


def test_four_times_as_much_counts_twice():
    assert np.allclose(damped_rows(csr_matrix([[4.0, 0], [1, 3], [0, 0]])).toarray(), [[2, 0], [0.5, 1.5], [0, 0]])
