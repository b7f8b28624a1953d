"""A source of factors proposes what all its scores would, without computing them."""

import numpy as np
import pytest
from small_past import LAST_DAY, past_of, shop

from jobs.models import single_source
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.sources.als import Als
from jobs.models.sources.factor_source import FactorSource
from jobs.models.sources.popularity import Popularity


@pytest.fixture(scope="module")
def past():
    return past_of(shop(), LAST_DAY)


@pytest.fixture(scope="module")
def als(past):
    return Als(factors=8, iterations=5).fit(past)


def test_only_factors_are_factors_fitted_or_not(als):
    assert isinstance(als, FactorSource)
    assert isinstance(Als(), FactorSource)
    assert not isinstance(Popularity(), FactorSource)


def test_the_same_candidates_as_out_of_all_scores(past, als, monkeypatch):
    available = np.arange(len(past.items)) % 7 != 3
    monkeypatch.setattr(single_source, "NEW_ITEMS", 6)
    recommender = SingleSourceRecommender(als, "als")
    found = recommender.candidates(past.history, available)
    monkeypatch.setattr(single_source, "FactorSource", int)
    expected = recommender.candidates(past.history, available)
    for name in ("user", "item", "is_had", "source"):
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name
    assert np.allclose(found.score, expected.score, rtol=1e-5)
    assert found.is_had.any()
    assert not found.is_had.all()


def test_a_stranger_has_no_candidates(past, als):
    nobody = past.history.of_users(np.array(["nobody"]))
    found = SingleSourceRecommender(als, "als").candidates(nobody)
    assert (found.n_users, len(found.user)) == (1, 0)
