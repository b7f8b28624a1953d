import numpy as np
import pandas as pd
import pytest

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.als import AlsRecommender


@pytest.fixture
def two_tastes():
    """Users with an even number buy items a0..a5, the others b0..b5; each misses one of them."""
    pairs = [(user, item) for user in range(24) for item in range(6) if item != user // 2 % 6]
    rows = [(f"u{user:02d}", f"{'ab'[user % 2]}{item}", 1.0) for user, item in pairs]
    return Interactions.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "weight"]))


@pytest.mark.parametrize("weighting", ["bm25", "confidence"])
def test_it_finds_the_item_that_is_missing_from_a_taste(two_tastes, weighting):
    model = AlsRecommender(factors=2, weighting=weighting).fit(two_tastes)
    best = model.recommend(two_tastes.weights, 1, exclude=two_tastes.weights).items[:, 0]
    expected = [f"{'ab'[user % 2]}{user // 2 % 6}" for user in range(24)]
    assert two_tastes.items[best].tolist() == expected


def test_a_folded_in_user_solves_the_normal_equations(two_tastes):
    model = AlsRecommender(factors=3, weighting="confidence", alpha=2.0, regularization=0.1).fit(two_tastes)
    user = 5
    had = two_tastes.weights[user].toarray().ravel()
    confidence = 1 + 2.0 * had
    factors = model.item_factors.astype(np.float64)
    left = factors.T @ (confidence[:, None] * factors) + 0.1 * np.eye(3)
    right = factors.T @ (confidence * (had > 0))
    expected = np.linalg.solve(left, right)
    assert np.allclose(model.user_factors(two_tastes.weights)[user], expected, atol=1e-4)


@pytest.mark.parametrize(
    "params",
    [{"weighting": "tfidf"}, {"factors": 0}, {"iterations": 0}, {"regularization": 0.0}, {"alpha": -1.0}],
)
def test_parameters_out_of_range_are_refused(params):
    with pytest.raises(ModelError, match="model 'als'"):
        AlsRecommender(**params)
