from pathlib import Path

import numpy as np
import pytest
from small_past import LAST_DAY, past_of, shop, windows_of

from jobs.core.errors import ModelError
from jobs.datasets.past import Past, Window
from jobs.models import user_batches
from jobs.models.recommenders import RECOMMENDERS, load_recommender, train_recommender

SMALL = {"min_users": 10, "min_child_samples": 20, "n_estimators": 10, "negatives": 0.8}
PARAMS = {
    "single": {"source": "item_item", "params": {}},
    "two_stage": {"sources": {"item_item": {}, "popularity": {}}, "ranker": SMALL},
}


@pytest.fixture(scope="module")
def past() -> Past:
    return past_of(shop(), LAST_DAY)


@pytest.fixture(scope="module")
def windows() -> list[Window]:
    return windows_of(shop(), 3)


@pytest.mark.parametrize("kind", sorted(RECOMMENDERS))
def test_every_kind_trains_saves_and_answers_alike(
    kind: str, past: Past, windows: list[Window], tmp_path: Path
) -> None:
    final = train_recommender(kind, PARAMS[kind], past, windows).final
    found = final.candidates(past.history, past.catalogue.is_available)
    final.save(tmp_path)
    loaded = load_recommender(tmp_path)
    again = loaded.candidates(past.history, past.catalogue.is_available)

    assert loaded.params == final.params
    assert train_recommender(kind, loaded.params, past, windows).final.params == final.params
    assert set(loaded.reasons) == set(found.sources)
    np.testing.assert_array_equal(found.item, again.item)
    np.testing.assert_array_equal(found.score, again.score)


@pytest.mark.parametrize("kind", sorted(RECOMMENDERS))
def test_rows_are_in_order_and_tell_what_was_had(kind: str, past: Past, windows: list[Window]) -> None:
    found = train_recommender(kind, PARAMS[kind], past, windows).final.candidates(past.history)

    key = found.user.astype(np.int64) * len(found.items) + found.item
    assert (np.diff(key) > 0).all()
    had = past.history.matrix().toarray() > 0
    np.testing.assert_array_equal(found.is_had, had[found.user, found.item])
    assert np.isfinite(found.score).all()
    assert np.isfinite(found.discovery_score).all()
    assert found.score.dtype == found.discovery_score.dtype == np.float32
    assert found.source.max() < len(found.sources)


@pytest.mark.parametrize("kind", sorted(RECOMMENDERS))
def test_batches_of_users_equal_the_whole(
    kind: str, past: Past, windows: list[Window], monkeypatch: pytest.MonkeyPatch
) -> None:
    final = train_recommender(kind, PARAMS[kind], past, windows).final
    whole = final.candidates(past.history)
    monkeypatch.setattr(user_batches.user_batches, "__defaults__", (7 * len(past.items),))
    parts = final.candidates(past.history)

    assert len(past.history.users) > 2 * 7
    for name in ("user", "item", "is_had", "source"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name), err_msg=name)
    np.testing.assert_allclose(whole.score, parts.score, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", sorted(RECOMMENDERS))
def test_what_is_not_available_is_nobodys_candidate(kind: str, past: Past, windows: list[Window]) -> None:
    available = np.arange(len(past.items)) % 2 == 0

    found = train_recommender(kind, PARAMS[kind], past, windows).final.candidates(past.history, available)

    assert available[found.item].all()


@pytest.mark.parametrize("kind", sorted(RECOMMENDERS))
def test_a_history_over_other_items_is_refused(kind: str, past: Past, windows: list[Window]) -> None:
    final = train_recommender(kind, PARAMS[kind], past, windows).final

    with pytest.raises(ModelError, match=r"align it with History\.aligned_to"):
        final.candidates(past.history.aligned_to(past.items[:-1]))
    with pytest.raises(ModelError, match="`available` has shape"):
        final.candidates(past.history, np.ones(3, np.bool_))


def test_a_single_source_ranks_by_its_own_scores(past: Past, windows: list[Window]) -> None:
    trained = train_recommender("single", PARAMS["single"], past, windows)

    found = trained.final.candidates(past.history)
    assert (found.score > 0).all()
    np.testing.assert_array_equal(found.score, found.discovery_score)
    assert trained.judged.items.tolist() == windows[0].past.items.tolist()


def test_kinds_that_do_not_exist_and_empty_folders_are_refused(past: Past, tmp_path: Path) -> None:
    with pytest.raises(
        ModelError, match=r"no recommender is of kind 'three_stage'; there are \['single', 'two_stage'\]"
    ):
        train_recommender("three_stage", {}, past, [])
    with pytest.raises(ModelError, match="no label window to be judged on"):
        train_recommender("single", PARAMS["single"], past, [])
    with pytest.raises(ModelError, match="no readable model"):
        load_recommender(tmp_path)
