from dataclasses import asdict

import numpy as np
import pytest
from small_past import LAST_DAY, past_of, shop, windows_of

from jobs.models.two_stage import importance
from jobs.models.two_stage.importance import COLUMNS, feature_importance
from jobs.models.two_stage.item_features import stacked
from jobs.models.two_stage.params import RankerParams
from jobs.models.two_stage.rows import candidate_columns
from jobs.models.two_stage.training import train_two_stage

RANKER = RankerParams(min_users=10, min_child_samples=20, n_estimators=20, early_stopping_rounds=10, negatives=0.8)
PARAMS = {"sources": {"popularity": {}, "item_item": {}}, "ranker": asdict(RANKER), "seed": 3}


@pytest.fixture(scope="module")
def past():
    return past_of(shop(), LAST_DAY)


@pytest.fixture(scope="module")
def model(past):
    return train_two_stage(PARAMS, past, windows_of(shop(), 3)).final


def test_a_row_for_each_feature_the_one_that_moves_scores_most_first(model, past):
    frame = feature_importance(model, past.history, past.catalogue.is_available)
    assert tuple(frame.columns) == COLUMNS
    assert sorted(frame["feature"]) == sorted(model.of_all.names)
    assert frame["mean_abs_shap"].is_monotonic_decreasing
    assert frame[["gain_share", "gain_share_new"]].sum().tolist() == pytest.approx([1, 1])


def test_contributions_are_means_over_candidates_of_what_adds_up_to_the_score(model, past, monkeypatch):
    monkeypatch.setattr(importance, "MOST_ROWS", 10**9)
    available = past.catalogue.is_available
    frame = feature_importance(model, past.history, available, most_users=10**9).set_index("feature")
    _, columns = candidate_columns(past.history, model.sources, model.features, model.settings.ranker, available)
    values = stacked(columns)
    parts = model.of_all.contributions(values)
    assert np.allclose(parts.sum(axis=1), model.of_all.score(values, None), atol=1e-5)
    assert frame["mean_abs_shap"].loc[list(columns)].to_numpy() == pytest.approx(np.abs(parts[:, :-1]).mean(axis=0))


def test_a_sample_is_the_same_every_time_and_near_to_all(model, past, monkeypatch):
    everything = feature_importance(model, past.history, past.catalogue.is_available)
    monkeypatch.setattr(importance, "MOST_ROWS", 300)
    one, other = (feature_importance(model, past.history, past.catalogue.is_available, 30) for _ in range(2))
    assert one.equals(other)
    first = everything["feature"][0]
    assert first in one["feature"].head(3).tolist()


def test_nobody_to_explain_by(model, past):
    nobody = past.history.take(np.array([], dtype=np.int64))
    frame = feature_importance(model, nobody, past.catalogue.is_available)
    assert frame["mean_abs_shap"].eq(0).all()
