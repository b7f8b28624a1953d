import numpy as np
import pytest
from source_worlds import bought, past_of

from jobs.core.errors import ModelError
from jobs.models.sources.als import Als

EVER = 1e9


@pytest.fixture
def two_tastes():
    """Users with an even number buy items a0..a5, the others b0..b5; each misses one of them."""
    pairs = [(user, item) for user in range(24) for item in range(6) if item != user // 2 % 6]
    return past_of([bought(f"u{user:02d}", f"{'ab'[user % 2]}{item}", 1) for user, item in pairs])


@pytest.mark.parametrize("weighting", ["bm25", "confidence"])
def test_it_finds_the_item_that_is_missing_from_a_taste(two_tastes, weighting):
    scores = Als(factors=2, weighting=weighting).fit(two_tastes).score(two_tastes.history)
    scores[two_tastes.history.matrix().nonzero()] = -np.inf
    expected = [f"{'ab'[user % 2]}{user // 2 % 6}" for user in range(24)]
    assert two_tastes.items[scores.argmax(axis=1)].tolist() == expected


def test_a_folded_in_user_solves_the_normal_equations(two_tastes):
    params = {"factors": 3, "weighting": "confidence", "alpha": 2.0, "regularization": 0.1, "half_life_days": EVER}
    model = Als(**params).fit(two_tastes)
    had = two_tastes.history.matrix()[5].toarray().ravel()
    confidence = 1 + 2.0 * had
    factors = model.item_factors.astype(np.float64)
    left = factors.T @ (confidence[:, None] * factors) + 0.1 * np.eye(3)
    expected = np.linalg.solve(left, factors.T @ (confidence * (had > 0)))
    assert np.allclose(model.user_factors(two_tastes.history)[5], expected, atol=1e-4)


@pytest.mark.parametrize(
    "params",
    [{"weighting": "tfidf"}, {"factors": 0}, {"iterations": 0}, {"regularization": 0.0}, {"alpha": -1.0}],
)
def test_parameters_out_of_range_are_refused(params):
    with pytest.raises(ModelError, match="source 'als'"):
        Als(**params)
