"""What holds for every candidate source of the registry."""

from dataclasses import replace

import numpy as np
import pytest
from source_worlds import CUT, N_USERS, PARAMS, bought, past_of, shop, shop_events

from jobs.core.errors import ModelError
from jobs.datasets.history import History
from jobs.models.sources.registry import SOURCES, create_source, load_source

TITLES = {"i0": "red thing", "i1": "red box"}


@pytest.fixture(scope="module")
def past():
    return shop()


@pytest.fixture(scope="module", params=sorted(PARAMS))
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def source(kind, past):
    return create_source(kind, **PARAMS[kind]).fit(past)


def no_users(past) -> History:
    return past.history.take(np.empty(0, dtype=np.int64))


def stranger(past) -> History:
    """A user without any row."""
    nobody = past_of([], titles=TITLES).history.aligned_to(past.items)
    places = {name: np.array([""]) for name in nobody.places}
    return replace(nobody, users=np.array(["zz"]), places=places)


def test_every_source_has_small_parameters_here():
    assert sorted(PARAMS) == sorted(SOURCES)


def test_its_name_is_its_key_and_its_parameters_make_it_again(kind, source):
    assert source.name == kind
    assert create_source(kind, **source.params).params == source.params


def test_scores_are_finite_float32_of_users_and_items(source, past):
    scores = source.score(past.history)
    assert (scores.shape, scores.dtype) == (past.history.shape, np.float32)
    assert np.isfinite(scores).all()
    assert (scores > 0).any()


def test_a_caller_may_change_the_scores(source, past):
    first = source.score(past.history)
    first[:] = -1
    assert (source.score(past.history) > 0).any()


def test_the_same_past_gives_the_same_bytes(kind, source, past, tmp_path):
    create_source(kind, **PARAMS[kind]).fit(past).save(tmp_path / "one")
    source.save(tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["arrays.npz", "model.json"]
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_the_order_of_rows_does_not_matter(kind, source, past):
    events = shop_events()
    np.random.default_rng(0).shuffle(events)
    again = create_source(kind, **PARAMS[kind]).fit(shop(events=events))
    assert again.score(past.history).tobytes() == source.score(past.history).tobytes()


def test_saved_and_loaded_it_scores_the_same_and_saves_the_same(source, past, tmp_path):
    source.save(tmp_path / "one")
    loaded = load_source(tmp_path / "one")
    assert type(loaded) is type(source)
    assert loaded.params == source.params
    assert loaded.items.tolist() == source.items.tolist()
    assert loaded.score(past.history).tobytes() == source.score(past.history).tobytes()
    loaded.save(tmp_path / "two")
    assert (tmp_path / "one" / "arrays.npz").read_bytes() == (tmp_path / "two" / "arrays.npz").read_bytes()


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_scores_that_are_no_numbers_are_refused(past, monkeypatch, wrong):
    source = create_source("popularity").fit(past)
    monkeypatch.setattr(source, "_score", lambda history: np.full(history.shape, wrong))
    with pytest.raises(ModelError, match="'popularity' gave scores that are not finite"):
        source.score(past.history)


def test_scores_of_another_shape_are_refused(past, monkeypatch):
    source = create_source("popularity").fit(past)
    monkeypatch.setattr(source, "_score", lambda history: np.zeros((1, 2)))
    with pytest.raises(ModelError, match=r"'popularity' gave shape \(1, 2\)"):
        source.score(past.history)


def test_what_is_saved_holds_no_users(source, tmp_path):
    source.save(tmp_path)
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as arrays:
        assert all(N_USERS not in arrays[name].shape for name in arrays.files)
        assert not any(str(v).startswith("u") for n in arrays.files if arrays[n].dtype.kind == "U" for v in arrays[n])


def test_a_user_is_scored_alone_as_among_others(source, past):
    together = source.score(past.history)
    for user in (0, N_USERS - 1):
        alone = source.score(past.history.take(np.array([user])))
        assert np.allclose(alone[0], together[user], rtol=1e-4, atol=1e-6)


def test_a_user_unknown_in_training_is_scored_by_history(source):
    other = past_of([bought("new", "i03", 2), bought("new", "i04", 9), bought("new", "i03", 40)])
    assert np.isfinite(source.score(other.history.aligned_to(source.items))).all()


def test_without_history_only_sources_that_need_none_speak(source, past):
    scores = source.score(stranger(past))
    assert scores.shape == (1, len(past.items))
    assert (scores > 0).any() == (not source.needs_history)


def test_no_users_give_no_scores(source, past):
    assert source.score(no_users(past)).shape == (0, len(past.items))


def test_a_history_over_other_items_is_refused(source, past):
    with pytest.raises(ModelError, match=r"the history is over 22; align it with History.aligned_to"):
        source.score(past.history.aligned_to(past.items[:22]))


def test_an_unfitted_source_says_so(kind, past, tmp_path):
    unfitted = create_source(kind, **PARAMS[kind])
    with pytest.raises(ModelError, match="not fitted"):
        unfitted.save(tmp_path)
    with pytest.raises(ModelError, match="not fitted"):
        unfitted.score(past.history)


def test_nothing_to_learn_from_is_refused(kind):
    with pytest.raises(ModelError, match=f"source '{kind}'"):
        create_source(kind, **PARAMS[kind]).fit(past_of([], titles=TITLES))


@pytest.mark.parametrize(
    "events",
    [
        [bought("a", "i0", 1)],
        [bought("a", "i0", 1), bought("a", "i0", 30), bought("a", "i1", 30)],
        [bought(user, "i0", age) for user in "abc" for age in (1, 20, 40)],
        [bought("a", "i0", 0), bought("b", "i1", 0)],
    ],
    ids=["one pair", "one user", "one item", "two strangers"],
)
def test_a_past_of_next_to_nothing_is_learned_or_refused_with_a_reason(kind, events):
    outcome = scores_or_refusal(create_source(kind, **PARAMS[kind]), past_of(events, titles=TITLES))
    assert f"source '{kind}'" in outcome if isinstance(outcome, str) else np.isfinite(outcome).all()


def scores_or_refusal(source, past):
    try:
        return source.fit(past).score(past.history)
    except ModelError as error:
        return str(error)


@pytest.mark.parametrize("kind", sorted(kind for kind, params in PARAMS.items() if "n_neighbours" in params))
def test_neighbours_are_few_positive_and_of_other_items(kind, past):
    source = create_source(kind, **PARAMS[kind]).fit(past)
    neighbours = source.neighbours
    assert neighbours.shape == (len(past.items), len(past.items))
    assert neighbours.dtype == np.float32
    assert (neighbours.data > 0).all()
    assert np.diff(neighbours.indptr).max() <= source.params["n_neighbours"]
    assert not neighbours.diagonal().any()


def test_unknown_kinds_and_parameters_are_named():
    with pytest.raises(ModelError, match="no candidate source is called 'alz'"):
        create_source("alz")
    with pytest.raises(ModelError, match=r"source 'als' does not take these parameters \['factor'\]"):
        create_source("als", factor=3)


def test_half_lives_must_be_above_zero(kind, source):
    for name in [name for name in source.params if name.endswith("half_life_days")]:
        for wrong in (0.0, -1.0, float("nan")):
            with pytest.raises(ModelError, match=f"source '{kind}': .*half_life_days must be"):
                create_source(kind, **{**PARAMS[kind], name: wrong})


def test_the_cut_of_the_shop_is_seen(past):
    assert past.history.cut == CUT
    assert past.history.shape == (N_USERS, 25)
