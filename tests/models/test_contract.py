"""What holds for every recommender of the registry."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.registry import RECOMMENDERS, create_recommender, load_recommender

SMALL = {"als": {"factors": 4, "iterations": 3, "seed": 7}, "popularity": {}}


def interactions(seed=1, n_users=30, n_items=12):
    rng = np.random.default_rng(seed)
    cells = np.sort(rng.choice(n_users * n_items, size=150, replace=False))
    users, items = cells // n_items, cells % n_items
    frame = pd.DataFrame(
        {
            "user_id": [f"u{user}" for user in users],
            "item_id": [f"i{item}" for item in items],
            "weight": 1.0 + users % 3 + items % 4,
        }
    )
    return Interactions.from_frame(frame)


@pytest.fixture(params=sorted(RECOMMENDERS))
def name(request):
    return request.param


@pytest.fixture
def model(name):
    return create_recommender(name, **SMALL[name]).fit(interactions())


def test_every_model_has_small_parameters_here():
    assert sorted(SMALL) == sorted(RECOMMENDERS)


def test_its_name_is_its_key(name, model):
    assert model.name == name


def test_lists_have_the_asked_shape_and_no_item_twice(model):
    history = interactions().weights
    lists = model.recommend(history, k=20, exclude=history)
    assert lists.items.shape == lists.scores.shape == (history.shape[0], 20)
    assert (lists.items.dtype, lists.scores.dtype) == (np.int32, np.float32)
    for row in lists.items:
        real = row[row >= 0].tolist()
        assert len(real) == len(set(real))
        assert (row[len(real) :] == -1).all()


def test_excluded_and_unavailable_items_are_never_listed(model):
    history = interactions().weights
    available = np.ones(history.shape[1], dtype=bool)
    available[:3] = False
    lists = model.recommend(history, k=12, exclude=history, available=available)
    seen = history.toarray() > 0
    for user, row in enumerate(lists.items):
        real = row[row >= 0]
        assert not seen[user, real].any()
        assert available[real].all()
        assert len(real) == (available & ~seen[user]).sum()


def test_the_same_seed_gives_the_same_lists(name, model):
    history = interactions().weights
    again = create_recommender(name, **SMALL[name]).fit(interactions())
    first, second = model.recommend(history, 5), again.recommend(history, 5)
    assert first.items.tobytes() == second.items.tobytes()
    assert first.scores.tobytes() == second.scores.tobytes()


def test_a_user_unknown_in_training_gets_a_list(model):
    history = csr_matrix(([1.0], ([0], [4])), shape=(1, 12), dtype=np.float32)
    assert (model.recommend(history, 3, exclude=history).items >= 0).all()


def test_a_user_without_history_gets_a_list_only_from_models_that_need_none(model):
    lists = model.recommend(csr_matrix((1, 12), dtype=np.float32), 3)
    assert lists.lengths.tolist() == [0 if model.needs_history else 3]


def test_more_users_than_one_batch(model, monkeypatch):
    history = interactions().weights
    whole = model.recommend(history, 5)
    monkeypatch.setattr("jobs.models.protocol.BATCH_USERS", 7)
    assert (model.recommend(history, 5).items == whole.items).all()


def test_no_users_give_no_lists(model):
    assert model.recommend(csr_matrix((0, 12), dtype=np.float32), 3).items.shape == (0, 3)


def test_saved_and_loaded_it_gives_the_same(model, tmp_path):
    history = interactions().weights
    model.save(tmp_path / "one")
    loaded = load_recommender(tmp_path / "one")
    assert type(loaded) is type(model)
    assert loaded.params == model.params
    assert loaded.items.tolist() == model.items.tolist()
    assert loaded.recommend(history, 5).scores.tobytes() == model.recommend(history, 5).scores.tobytes()


def test_saved_twice_it_gives_the_same_bytes(model, tmp_path):
    model.save(tmp_path / "one")
    load_recommender(tmp_path / "one").save(tmp_path / "two")
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert files == ["arrays.npz", "model.json"]
    assert all((tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files)


def test_what_is_saved_holds_no_users(model, tmp_path):
    renamed = interactions()
    renamed.users[:] = [f"z{i}" for i in range(len(renamed.users))]
    model.fit(renamed).save(tmp_path)
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as arrays:
        assert all(len(renamed.users) not in arrays[n].shape for n in arrays.files)
        assert not any("z" in str(v) for n in arrays.files if arrays[n].dtype.kind == "U" for v in arrays[n])


def test_nothing_to_learn_from_is_refused(name):
    empty = Interactions.from_frame(pd.DataFrame({"user_id": [], "item_id": [], "weight": []}))
    with pytest.raises(ModelError, match="no interactions"):
        create_recommender(name, **SMALL[name]).fit(empty)


def test_an_unfitted_model_says_so(name, tmp_path):
    with pytest.raises(ModelError, match="not fitted"):
        create_recommender(name, **SMALL[name]).save(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"k": 0}, "k must be at least 1; got 0"),
        ({"history": csr_matrix((2, 5))}, "history has 5 columns, the model 12 items"),
        ({"exclude": csr_matrix((1, 12))}, "exclude has shape"),
        ({"available": np.ones(12)}, "available must be bool"),
        ({"available": np.ones(11, dtype=bool)}, "available must be bool"),
    ],
)
def test_wrong_arguments_are_named(model, arguments, message):
    with pytest.raises(ModelError, match=message):
        model.recommend(**{"history": csr_matrix((2, 12), dtype=np.float32), "k": 3, **arguments})


def test_an_unknown_parameter_is_named(name):
    with pytest.raises(ModelError, match="depth"):
        create_recommender(name, depth=3)
