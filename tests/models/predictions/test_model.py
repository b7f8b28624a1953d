"""One road for probabilities, amounts and curves."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from jobs.core.errors import ModelError
from jobs.models.predictions.model import PredictionModel, Task, median_days
from jobs.models.predictions.scoring import score
from tests.models.predictions.observed import PARAMS, observed_users

N = 600


@pytest.fixture(scope="module")
def churn() -> PredictionModel:
    features, target, users = observed_users(N)
    return PredictionModel(Task("churn", (14,)), PARAMS).fit(features, target, users, ["active"] * N)


def test_probabilities_are_calibrated_on_users_it_never_saw(churn):
    features, target, _ = observed_users(4000, seed=5)
    told = churn.predict(features)[:, 0]
    assert abs(told.mean() - target.mean()) < 0.04
    high = told > np.quantile(told, 0.9)
    assert abs(told[high].mean() - target[high].mean()) < 0.08


def test_saved_and_loaded_it_says_the_same_and_writes_the_same(churn, tmp_path):
    features, _, _ = observed_users(50, seed=3)
    churn.save(tmp_path / "a")
    again = PredictionModel.load(tmp_path / "a")
    again.save(tmp_path / "b")
    assert (again.predict(features) == churn.predict(features)).all()
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


def test_trees_that_do_not_beat_the_regression_are_not_served(churn):
    losses = churn.heads[0].losses
    assert churn.kind == min(losses, key=losses.get)


def test_contributions_add_up_to_the_log_odds(churn):
    features, _, _ = observed_users(20, seed=4)
    columns, values, added = churn.contributions(features)
    assert values.shape == added.shape
    rest = churn.heads[0].margin(pd.DataFrame(churn._design(features))) - added.sum(axis=1)
    assert len(columns) == added.shape[1]
    assert np.allclose(rest, rest[0])


def test_the_strongest_reason_is_the_silence_in_words(churn):
    features, _, _ = observed_users(200, seed=4)
    long = features[features["days_since_event"] > 55].head(1)
    said = churn.answer(long).reasons[0]
    assert len(said) == 3
    assert said[0] == f"no visit for {long['days_since_event'].iloc[0]:.0f} days; used to come every 9 days"


def test_parts_scored_one_by_one_give_the_same_numbers(churn):
    features, _, users = observed_users(90, seed=8)
    rows = features.assign(user_id=users, segment="active")
    parts = [score(churn, rows.iloc[start : start + 30], list(features)) for start in (0, 30, 60)]
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), score(churn, rows, list(features)))


def test_users_without_history_are_told_the_prior_of_their_segment(churn):
    features, _, users = observed_users(3, seed=8)
    rows = features.assign(
        user_id=users, segment=["active", "new", "active"], days_since_intent=[1.0, np.nan, np.nan]
    )
    told = score(churn, rows, list(features))
    assert told["is_prior"].tolist() == [False, True, True]
    assert told["probability"].tolist()[1:] == [pytest.approx(churn.priors[""][0], abs=1e-6)] * 2
    assert told["reasons"].tolist()[2] == []


def test_a_feature_never_seen_in_training_is_named(churn):
    features, _, _ = observed_users(3)
    with pytest.raises(ModelError, match="unexpected \\['mood'\\]"):
        churn.predict(features.assign(mood=1.0))


@pytest.mark.parametrize(("n", "of"), [(20, "both"), (200, "one")])
def test_too_few_users_or_one_class_say_so_in_one_line(n, of):
    features, target, users = observed_users(n)
    label = target if of == "both" else np.ones(n)
    model = PredictionModel(Task("churn", (14,)), PARAMS)
    with pytest.raises(ModelError, match=r"^[^\n]+; got \d+[^\n]*$"):
        model.fit(features, label, users, ["active"] * n)
    assert model.kind == "prior"
    assert model.prior(["nowhere"])[0, 0] == pytest.approx(label.mean())


def test_what_only_one_user_did_is_nothing_to_learn_from():
    features, _, _ = observed_users(200)
    users = [f"u{n % 50}" for n in range(200)]
    label = np.array([float(user == "u7") for user in users])
    with pytest.raises(ModelError, match=r"^labels 1 of users in at least 2 of 3 folds are needed; got 1$"):
        PredictionModel(Task("conversion", (14,)), PARAMS).fit(features, label, users, ["active"] * 200)


def test_many_rows_of_few_users_are_few_users():
    features, target, _ = observed_users(200)
    users = [f"u{n % 49}" for n in range(200)]
    with pytest.raises(ModelError, match=r"^at least 50 users with a label are needed; got 49$"):
        PredictionModel(Task("churn", (14,)), PARAMS).fit(features, target, users, ["active"] * 200)


def test_trees_that_stop_early_in_some_folds_are_padded_to_one_length():
    features, target, users = observed_users(140)
    # Some folds leave fewer rows than two leaves take, where LightGBM grows no second tree.
    stubby = replace(PARAMS, lightgbm={**PARAMS.lightgbm, "min_data_in_leaf": 47})
    lengths = [
        len(
            PredictionModel(Task("churn", (14,)), params)
            .fit(features, target, users, ["active"] * 140)
            .heads[0]
            .curve
        )
        for params in (PARAMS, stubby)
    ]
    assert lengths[0] == lengths[1] > 1


def test_an_amount_has_an_interval_that_holds_its_share():
    features, target, users = observed_users(3000)
    rng = np.random.default_rng(2)
    amount = (1 - target) * rng.lognormal(3, 0.5, 3000)
    model = PredictionModel(Task("value", (14,), 0.8), PARAMS).fit(features, amount, users, ["active"] * 3000)
    fresh, gone, _ = observed_users(3000, seed=9)
    came = (1 - gone) * rng.lognormal(3, 0.5, 3000)
    low, high = model.interval(fresh)
    told = model.predict(fresh)[:, 0]
    assert ((low <= told) & (told <= high)).all()
    # Nothing is the usual end of an interval, and lies in it: more than the share may be held, never less.
    assert ((came >= low) & (came <= high)).mean() > 0.77
    assert told.mean() == pytest.approx(came.mean(), rel=0.1)


def test_a_curve_rises_and_its_median_lies_between_windows():
    features, target, users = observed_users(N)
    days = np.where(target > 0, 15.0, 1.0 + np.arange(N) % 7)
    model = PredictionModel(Task("return_visit", (3, 14)), PARAMS).fit(features, days, users, ["active"] * N)
    curve = model.predict(features)
    assert (np.diff(curve, axis=1) >= 0).all()
    assert median_days((2, 4), np.array([[0.25, 0.75], [0.1, 0.2], [0.5, 0.6]])).tolist()[::2] == [3.0, 2.0]
    assert np.isnan(median_days((2, 4), np.array([[0.1, 0.2]]))[0])


def test_rows_of_a_fresh_cut_teach_the_order_and_no_probability():
    features, target, users = observed_users(N)
    fresh = np.arange(N) % 3 == 0
    known = np.where(fresh, np.nan, target)
    task = Task("churn", (14,))
    # The shorter window is over sooner: more have not come in it.
    order = np.maximum(target, (np.arange(N) % 5 == 0).astype(np.float64))
    model = PredictionModel(task, PARAMS).fit(features, known, users, ["active"] * N, order=order)
    assert model.priors["active"] == [pytest.approx(target[~fresh].mean())]
    assert abs(model.predict(features).mean() - target[~fresh].mean()) < 0.03
    turned = np.where(fresh, 1 - order, order)
    other = PredictionModel(task, PARAMS).fit(features, known, users, ["active"] * N, order=turned)
    assert not np.array_equal(other.predict(features), model.predict(features))


def test_the_curve_of_the_trees_ends_with_their_loss(churn):
    head = churn.heads[0]
    assert len(head.curve) == 2  # twenty trees
    assert head.curve[-1] == pytest.approx(head.losses["lightgbm"])
    assert head.curve[-1] < head.curve[0]
