"""The taste model recovers what was planted, from histories alone, and says probabilities."""

from dataclasses import replace

import numpy as np
import pytest
from taste_worlds import KINDS, N_ITEMS, N_USERS, NEW_ITEM, kind_of_item, kind_of_user, planted_events, planted_past

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.models.sources.popularity import Popularity
from jobs.models.sources.registry import create_source, load_source
from jobs.models.sources.taste.first_guess import guess_first
from jobs.models.sources.taste.observed import observe
from jobs.models.sources.taste.on_sale import OnSale
from jobs.models.sources.taste.taste import Taste, seen_by_day
from jobs.models.sources.taste.training import learn

PARAMS = {"factors": 2, "segments": 2, "sweeps": 12, "seed": 7}


@pytest.fixture(scope="module")
def past():
    return planted_past()


@pytest.fixture(scope="module")
def source(past):
    return Taste(**PARAMS).fit(past)


@pytest.fixture(scope="module")
def scores(source, past):
    return source.score(past.history)


def fitting(past):
    """Shape (n_users, N_ITEMS): whether kinds match."""
    users = np.array([kind_of_user(int(user[1:])) for user in past.history.users])
    return users[:, None] == np.array([kind_of_item(item) for item in range(N_ITEMS)])[None]


def share_of_fitting(scores, past, k=8):
    """Mean share of a user's k best items that are of the user's kind."""
    best = np.argsort(-scores[:, :N_ITEMS], axis=1, kind="stable")[:, :k]
    return np.take_along_axis(fitting(past), best, axis=1).mean()


def unshown(history: History) -> History:
    counts = {**history.counts, "n_shown": np.zeros_like(history.counts["n_shown"])}
    return replace(history, counts=counts)


def test_planted_tastes_come_first_and_popularity_knows_none(scores, past):
    popular = Popularity().fit(past).score(past.history)
    assert share_of_fitting(scores, past) > 0.9
    assert share_of_fitting(popular, past) < 0.6


def test_it_says_probabilities_of_about_what_happens(source, scores):
    assert source.is_probability
    assert ((scores >= 0) & (scores < 1)).all()
    # 14 days, 0.25 visits a day, 3.5 items a visit: about 12 impressions, a tenth of which are bought.
    assert 0.6 < scores.sum(axis=1).mean() < 2.4


def test_an_item_that_nobody_met_has_its_category(source, past):
    tastes = source._knowledge.items.vector
    new = int(np.flatnonzero(past.items == NEW_ITEM)[0])
    kinds = np.stack([tastes[:N_ITEMS][kind::KINDS].mean(axis=0) for kind in range(KINDS)])
    apart = np.linalg.norm(kinds - tastes[new], axis=1)
    assert apart[0] < 0.5 * apart[1]


def test_folded_in_users_are_as_training_left_them(source, past):
    """The last step of the items comes after that of the users, and moves hardly anything."""
    knowledge = source._knowledge
    observed = observe(past.history, knowledge.on_sale, knowledge.has_step)
    price = np.zeros(len(past.items))
    first = guess_first([observed], OnSale.of(past.catalogue), knowledge.has_step, price, factors=2, seed=7)
    category = np.unique(past.catalogue.category, return_inverse=True)[1]
    learned, (trained,) = learn([observed], first, category, seen_by_day(past.history), segments=2, sweeps=30)
    folded = learned.fold_in(observed, 8)
    assert np.allclose(folded.mean[:, :2], trained.mean[:, :2], atol=0.03)
    assert np.corrcoef(folded.mean[:, 0], trained.mean[:, 0])[0, 1] > 0.999


def test_a_user_who_was_never_in_training_is_scored_like_one_who_was(source, past):
    without = past.history.take(np.arange(1, N_USERS))
    trained_without = Taste(**PARAMS).fit(replace(past, history=without))
    again = trained_without.score(past.history)
    assert np.corrcoef(again[0], source.score(past.history)[0])[0, 1] > 0.97


def test_more_rounds_of_folding_in_change_nothing(source, past):
    knowledge = source._knowledge
    observed = observe(past.history, knowledge.on_sale, knowledge.has_step)
    few, many = knowledge.fold_in(observed, 8), knowledge.fold_in(observed, 30)
    assert np.allclose(few.mean, many.mean, atol=2e-3)


def test_a_user_alone_gets_the_same_as_among_others(source, scores, past):
    for user in (0, N_USERS - 1):
        alone = source.score(past.history.take(np.array([user])))
        assert np.allclose(alone[0], scores[user], rtol=1e-3, atol=1e-6)


def test_the_same_past_gives_the_same_bytes(source, past, tmp_path):
    Taste(**PARAMS).fit(past).save(tmp_path / "one")
    source.save(tmp_path / "two")
    for name in ("arrays.npz", "model.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_saved_and_loaded_it_scores_the_same(source, scores, past, tmp_path):
    source.save(tmp_path)
    loaded = load_source(tmp_path)
    assert loaded.params == source.params
    assert loaded.score(past.history).tobytes() == scores.tobytes()


def test_what_is_saved_holds_no_users(source, tmp_path):
    source.save(tmp_path)
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as arrays:
        assert all(N_USERS not in arrays[name].shape for name in arrays.files)


def test_a_log_without_impressions_is_refused_with_the_setting_to_change():
    with pytest.raises(ModelError, match=r"no shown events.*events\.funnel"):
        Taste(**PARAMS).fit(planted_past(is_shown=False))


def test_too_few_users_or_too_many_items_are_refused(past):
    with pytest.raises(ModelError, match="at least min_users = 151 users; 150 have impressions"):
        Taste(min_users=151).fit(past)
    with pytest.raises(ModelError, match="max_cells has room for 4"):
        Taste(max_cells=100).fit(past)


def test_of_many_users_a_part_is_learned_from(past):
    part = Taste(**PARAMS, max_cells=(N_ITEMS + 1) * 75, min_users=10).fit(past)
    assert share_of_fitting(part.score(past.history), past) > 0.8


@pytest.mark.parametrize("missing", ["n_opened", "n_wanted"])
def test_a_step_that_the_log_does_not_have_is_left_out(past, missing):
    counts = {**past.history.counts, missing: np.zeros_like(past.history.counts[missing])}
    poorer = replace(past, history=replace(past.history, counts=counts))
    scores = Taste(**PARAMS).fit(poorer).score(poorer.history)
    assert share_of_fitting(scores, past) > 0.9
    assert 0.6 < scores.sum(axis=1).mean() < 2.4


def test_what_was_had_is_come_back_to_where_users_do(past):
    events = planted_events()
    had = sorted({(user, item) for user, item, _, counts in events if counts[3]})
    # Users come back to what they had without being shown it, and buy it again.
    events += [(user, item, age, (0, 1, 1, 1)) for user, item in had for age in (1, 5) if age < 10]
    returning = planted_past(events=events)
    scores = Taste(**PARAMS).fit(returning).score(returning.history)
    owned = returning.history.matrix().toarray() > 0
    assert scores[owned].mean() > 3 * scores[~owned].mean()


def test_a_user_without_history_gets_nothing_and_one_without_impressions_something(source, past):
    nobody = past.history.take(np.array([0]))._masked(np.zeros((past.history.user == 0).sum(), dtype=bool))
    assert not source.score(nobody).any()
    unseen = source.score(unshown(past.history.take(np.array([0]))))
    assert np.isfinite(unseen).all()
    assert unseen.any()


def test_items_that_cannot_be_had_are_not_expected(past):
    is_available = past.catalogue.is_available.copy()
    is_available[3] = False
    gone = replace(past, catalogue=replace(past.catalogue, is_available=is_available))
    scores = Taste(**PARAMS).fit(gone).score(gone.history)
    assert not scores[:, 3].any()
    assert scores[:, 4].any()


def test_fewer_users_than_factors_are_no_obstacle():
    few = planted_past(events=[event for event in planted_events() if event[0] < "u004"])
    scores = Taste(min_users=1).fit(few).score(few.history)
    assert np.isfinite(scores).all()


def test_users_who_saw_a_thousand_times_as_much_as_others_do_not_break_it():
    events = planted_events()
    events += [
        ("whale", f"i{item:02d}", age, (500, 0, 0, 0)) for item in range(0, N_ITEMS, KINDS) for age in range(30)
    ]
    past = planted_past(events=events)
    scores = Taste(**PARAMS).fit(past).score(past.history)
    assert np.isfinite(scores).all()
    assert share_of_fitting(scores[:-1], replace(past, history=past.history.take(np.arange(N_USERS)))) > 0.85


def test_parameters_are_checked():
    with pytest.raises(ModelError, match="factors must be at least 1"):
        create_source("taste", factors=0)
