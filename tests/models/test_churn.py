import numpy as np
import pandas as pd
import pytest

from jobs.core.errors import ModelError
from jobs.models.churn import ChurnModel, ChurnParams
from jobs.models.served_churn import ServedChurn, _load_pyfunc

PARAMS = ChurnParams(n_estimators=300, early_stopping_rounds=5, min_child_samples=10)


def rows(seed, n=400):
    rng = np.random.default_rng(seed)
    features = pd.DataFrame({"days_since_last": rng.exponential(20, n), "noise": rng.normal(size=n)})
    features.loc[::7, "noise"] = np.nan
    label = rng.random(n) < 1 / (1 + np.exp(-(features["days_since_last"] - 20) / 5))
    return features, label.to_numpy()


@pytest.fixture(scope="module")
def model():
    return ChurnModel(PARAMS, seed=3).fit(*rows(1), *rows(2))


def test_who_stayed_away_is_more_likely_to_churn(model):
    frame = pd.DataFrame({"days_since_last": [1.0, 60.0], "noise": [0.0, 0.0]})
    low, high = model.predict_proba(frame)
    assert low < 0.2 < 0.8 < high


def test_early_stopping_keeps_fewer_trees_than_allowed(model):
    assert 0 < model.n_trees < PARAMS.n_estimators


def test_the_signal_has_the_gain(model):
    gain = model.importance()
    assert list(gain) == ["days_since_last", "noise"]
    assert gain["days_since_last"] > gain["noise"]


def test_the_same_seed_gives_the_same_trees(model):
    again = ChurnModel(PARAMS, seed=3).fit(*rows(1), *rows(2))
    assert again.booster.model_to_string() == model.booster.model_to_string()


def test_refit_uses_the_given_number_of_trees(model):
    again = ChurnModel(PARAMS, seed=3).refit(*rows(1), n_trees=7)
    assert again.n_trees == 7


def test_the_order_of_columns_does_not_matter(model):
    frame = rows(5)[0]
    assert (model.predict_proba(frame[["noise", "days_since_last"]]) == model.predict_proba(frame)).all()


def test_nobody_gets_no_prediction(model):
    assert model.predict_proba(rows(5)[0].head(0)).shape == (0,)


def test_saved_and_loaded_it_predicts_the_same(model, tmp_path):
    model.save(tmp_path / "one")
    loaded = ChurnModel.load(tmp_path / "one")
    loaded.save(tmp_path / "two")
    frame = rows(5)[0]
    assert (loaded.predict_proba(frame) == model.predict_proba(frame)).all()
    assert (loaded.params, loaded.seed) == (PARAMS, 3)
    for name in ("model.json", "trees.txt"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_mlflow_loads_it_from_the_folder(model, tmp_path):
    model.save(tmp_path)
    frame = rows(5)[0].set_index(pd.Index(range(100, 500)))
    made = _load_pyfunc(str(tmp_path)).predict(frame)
    assert made.equals(ServedChurn(model).predict(frame))
    assert made.columns.tolist() == ["churn_probability"]
    assert made.index.equals(frame.index)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="noise"), r"missing \['noise'\], unexpected \[\]"),
        (lambda f: f.assign(country=1), r"missing \[\], unexpected \['country'\]"),
        (lambda f: f.assign(noise="a"), r"must be numbers; these are not: \['noise'\]"),
    ],
)
def test_other_columns_are_named(model, change, message):
    with pytest.raises(ModelError, match=message):
        model.predict_proba(change(rows(5)[0]))


def test_too_few_rows_or_one_class_are_refused_in_one_line():
    features, label = rows(1)
    with pytest.raises(ModelError, match=r"at least 100 training rows; got 20$"):
        ChurnModel(PARAMS).fit(features.head(20), label[:20], features, label)
    with pytest.raises(ModelError, match=r"at least 100 validation rows; got 20$"):
        ChurnModel(PARAMS).fit(features, label, features.head(20), label[:20])
    with pytest.raises(ModelError, match=r"training labels of both 0 and 1; got only \[1.0\]$"):
        ChurnModel(PARAMS).refit(features, np.ones(len(features)), 3)
    with pytest.raises(ModelError, match="400 training rows but 3 labels"):
        ChurnModel(PARAMS).refit(features, [0, 1, 0], 3)
    with pytest.raises(ModelError, match="at least one tree; got 0"):
        ChurnModel(PARAMS).refit(features, label, 0)


def test_not_fitted_or_not_there_is_said(model, tmp_path):
    with pytest.raises(ModelError, match="not fitted"):
        ChurnModel().predict_proba(rows(1)[0])
    with pytest.raises(ModelError, match="no readable model"):
        ChurnModel.load(tmp_path)
    model.save(tmp_path)
    (tmp_path / "trees.txt").write_text("no trees")
    with pytest.raises(ModelError, match=r"trees\.txt"):
        ChurnModel.load(tmp_path)
