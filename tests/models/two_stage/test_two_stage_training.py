import json
import logging
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_past import LAST_DAY, events_of, past_of, shop, window_of, windows_of

from jobs.core.errors import ModelError
from jobs.datasets.past import Past, Window
from jobs.models import user_batches
from jobs.models.candidates import Candidates
from jobs.models.lists import Scores
from jobs.models.sources.popularity import Popularity
from jobs.models.sources.registry import SOURCES
from jobs.models.two_stage.features import Features
from jobs.models.two_stage.params import RankerParams, TwoStageParams
from jobs.models.two_stage.ranker import Fitted, Ranker
from jobs.models.two_stage.rows import Rows, build_rows
from jobs.models.two_stage.source_set import SourceSet
from jobs.models.two_stage.training import TrainedTwoStage, _more_trees, train_two_stage
from jobs.models.two_stage.two_stage import TwoStageRecommender

RANKER = RankerParams(min_users=10, min_child_samples=20, n_estimators=30, early_stopping_rounds=10, negatives=0.8)
PARAMS: dict[str, Any] = {"sources": {"popularity": {}, "item_item": {}}, "ranker": asdict(RANKER), "seed": 3}


class BrokenSource(Popularity):
    """Cannot learn from anything."""

    name = "broken"

    def _fit(self, past: Past) -> None:
        raise ModelError("too little of everything")


class ExpectingSource(Popularity):
    """Gives expectations."""

    name = "expecting"
    is_probability = True


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    return shop()


@pytest.fixture(scope="module")
def windows(events: pd.DataFrame) -> list[Window]:
    return windows_of(events, 4)


@pytest.fixture(scope="module")
def past(events: pd.DataFrame) -> Past:
    return past_of(events, LAST_DAY)


@pytest.fixture(scope="module")
def trained(past: Past, windows: list[Window]) -> TrainedTwoStage:
    return train_two_stage(PARAMS, past, windows)


def answers(recommender: TwoStageRecommender, past: Past) -> Candidates:
    return recommender.candidates(past.history, past.catalogue.is_available)


def assert_same(one: Candidates, other: Candidates) -> None:
    for name in ("user", "item", "score", "discovery_score", "is_had", "source"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def rows_of(window: Window) -> Rows:
    sources = SourceSet.fit(PARAMS["sources"], window.past)
    return build_rows(window, sources, Features.fit(window.past), RANKER, seed=3)


def test_it_learns_what_its_users_want(trained: TrainedTwoStage, windows: list[Window]) -> None:
    window = windows[0]
    found = answers(trained.judged, window.past)
    wanted = np.asarray(window.truth[found.user, found.item]).ravel() > 0

    place = np.concatenate([np.argsort(np.argsort(-of)) for of in np.split(found.score, found.indptr[1:-1])])

    assert place[wanted].mean() < 0.6 * place[~wanted].mean()


def test_judged_knows_nothing_past_the_newest_cut(
    trained: TrainedTwoStage, events: pd.DataFrame, windows: list[Window], past: Past
) -> None:
    cut = windows[0].past.history.cut
    later = pd.to_datetime(events["event_day"]) > pd.Timestamp(cut)
    other = pd.concat([events[~later], events[later].assign(item_id="i00")])
    changed = [window_of(other, cut), *windows_of(other, 4)[1:]]

    again = train_two_stage(PARAMS, past_of(other, LAST_DAY), changed)

    assert_same(answers(trained.judged, windows[0].past), answers(again.judged, changed[0].past))
    assert (
        answers(trained.final, past).score.tolist() != answers(again.final, past_of(other, LAST_DAY)).score.tolist()
    )


def test_no_feature_moves_with_events_in_or_after_the_window(events: pd.DataFrame) -> None:
    cut = LAST_DAY - timedelta(days=28)
    more = events_of([(f"u{k:03d}", f"i{k % 40:02d}", str(cut + timedelta(days=1 + k % 28))) for k in range(60)])

    before, after = rows_of(window_of(events, cut)), rows_of(window_of(pd.concat([events, more]), cut))

    # More users are judged then; those of both have the same candidates with the same features.
    known = {values.tobytes() for values in after.values}
    assert len(after.values) >= len(before.values)
    assert all(values.tobytes() in known for values in before.values)


def test_all_that_was_wanted_is_drawn_and_about_a_share_of_the_rest(windows: list[Window]) -> None:
    rows = rows_of(windows[0])

    assert rows.is_drawn[rows.label > 0].all()
    assert rows.is_drawn[rows.label == 0].mean() == pytest.approx(0.8, abs=0.1)
    assert rows.groups.sum() == len(rows.label)


def test_the_same_input_gives_the_same_bytes(
    trained: TrainedTwoStage, past: Past, windows: list[Window], tmp_path: Path
) -> None:
    again = train_two_stage(PARAMS, past, windows)

    assert_same(answers(trained.final, past), answers(again.final, past))
    for name, one in (("first", trained), ("second", again)):
        one.final.save(tmp_path / name)
    for file in ("all_items.txt", "new_items.txt", "model.json"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()


def test_loaded_answers_as_the_saved_one(trained: TrainedTwoStage, past: Past, tmp_path: Path) -> None:
    trained.final.save(tmp_path)

    loaded = TwoStageRecommender.load(tmp_path)

    assert_same(answers(trained.final, past), answers(loaded, past))
    assert loaded.params == trained.final.params
    assert json.loads((tmp_path / "model.json").read_text())["model"] == "two_stage"


def test_a_folder_holds_no_user_and_no_pickle(trained: TrainedTwoStage, past: Past, tmp_path: Path) -> None:
    trained.final.save(tmp_path)

    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.suffix for file in files} == {".json", ".npz", ".txt"}
    n_users, n_items = len(past.history.users), len(past.items)
    for file in files:
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as stored:
                assert all(stored[name].shape[:1] != (n_users,) or n_users == n_items for name in stored.files), file
        else:
            assert "u001" not in file.read_text()


def test_a_source_that_fails_is_left_out_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, past: Past, windows: list[Window]
) -> None:
    monkeypatch.setitem(SOURCES, "broken", BrokenSource)
    sources = {**PARAMS["sources"], "broken": {}}

    with caplog.at_level(logging.WARNING):
        found = train_two_stage({**PARAMS, "sources": sources}, past, windows)

    assert found.final.sources.names == ("item_item", "popularity")
    assert "too little of everything" in found.report.left_out["broken"]
    assert "broken is left out" in caplog.text


def test_without_any_source_it_says_so(monkeypatch: pytest.MonkeyPatch, past: Past, windows: list[Window]) -> None:
    monkeypatch.setitem(SOURCES, "broken", BrokenSource)

    with pytest.raises(ModelError, match="no source can learn"):
        train_two_stage({**PARAMS, "sources": {"broken": {}}}, past, windows)
    with pytest.raises(ModelError, match="no source to rank"):
        train_two_stage({**PARAMS, "sources": {}}, past, windows)


def test_too_few_windows_or_users_are_refused(past: Past, windows: list[Window]) -> None:
    with pytest.raises(ModelError, match="1 of 1 label windows"):
        train_two_stage(PARAMS, past, windows[:1])
    demanding = {**PARAMS, "ranker": asdict(replace(RANKER, min_users=1000))}
    with pytest.raises(ModelError, match="users to judge by, 1000 are needed"):
        train_two_stage(demanding, past, windows)
    with pytest.raises(ModelError, match="0 of 0 label windows"):
        train_two_stage(PARAMS, past, [])


def test_one_window_to_learn_from_is_enough(past: Past, windows: list[Window]) -> None:
    found = train_two_stage(PARAMS, past, windows[:2])

    assert found.report.fits["all"].n_served >= 1
    assert len(answers(found.judged, windows[0].past).user)


def test_no_more_windows_are_learned_from_than_asked_for(past: Past, windows: list[Window]) -> None:
    few = {**PARAMS, "ranker": asdict(replace(RANKER, windows=2))}

    assert train_two_stage(few, past, windows).report == train_two_stage(few, past, windows[:3]).report


def test_auto_takes_the_objective_that_validates_better(past: Past, windows: list[Window]) -> None:
    auto, *alone = (
        train_two_stage({**PARAMS, "ranker": asdict(replace(RANKER, objective=one))}, past, windows).report.fits
        for one in ("auto", "lambdarank", "binary")
    )

    for part in ("all", "new"):
        assert auto[part] == max((fits[part] for fits in alone), key=lambda fit: max(fit.curve))


def test_both_objectives_are_grown_and_their_scores_averaged(
    past: Past, windows: list[Window], tmp_path: Path
) -> None:
    found = train_two_stage({**PARAMS, "ranker": asdict(replace(RANKER, objective="both"))}, past, windows)

    assert {name: (fit.part, fit.objective) for name, fit in found.report.fits.items()} == {
        f"{part}_{one}": (part, one) for part in ("all", "new") for one in ("lambdarank", "binary")
    }
    assert len(found.final.of_all.boosters) == 2
    rows = rows_of(windows[1])
    mixed = Ranker.fit(rows, {"lambdarank": 4, "binary": 6}, RANKER, seed=3)
    alone = [
        Ranker.fit(rows, one, RANKER, seed=3).score(rows.values, None) for one in ({"lambdarank": 4}, {"binary": 6})
    ]
    assert mixed.score(rows.values, None) == pytest.approx(np.mean(alone, axis=0), abs=1e-6)
    mixed.save(tmp_path / "trees.txt")
    assert Ranker.load(tmp_path / "trees.txt").names == mixed.names


@pytest.mark.parametrize(("power", "expected"), [(0.0, 40), (1.0, 80), (0.5, 57)])
def test_more_rows_grow_more_trees(power: float, expected: int) -> None:
    stopped = Fitted(ranker=Ranker(), n_trees=40, n_rows=1000, curve=())

    assert _more_trees(stopped, 2000, replace(RANKER, trees_by_rows=power)) == expected


def test_what_is_served_has_more_trees_than_what_is_judged(past: Past, windows: list[Window]) -> None:
    params = {**PARAMS, "ranker": asdict(replace(RANKER, trees_by_rows=1.0))}

    found = train_two_stage(params, past, windows)

    trees = [of.of_all.boosters[0].num_trees() for of in (found.judged, found.final)]
    fit = found.report.fits["all"]
    assert fit.n_stopped < trees[0] < trees[1] == fit.n_served


def test_trees_start_from_an_expectation(monkeypatch: pytest.MonkeyPatch, past: Past, windows: list[Window]) -> None:
    monkeypatch.setitem(SOURCES, "expecting", ExpectingSource)
    # Leaves of all rows: there is nothing to split, so the order is that of the expectation.
    stump = asdict(replace(RANKER, min_child_samples=100_000))

    found = answers(train_two_stage({"sources": {"expecting": {}}, "ranker": stump}, past, windows).final, past)

    expected = SOURCES["expecting"]().fit(past).score(past.history)[found.user, found.item]
    order = np.argsort(found.score, kind="stable")
    assert (np.diff(expected[order]) >= -1e-6).all()


def test_scores_of_all_users_are_never_held_at_once(
    monkeypatch: pytest.MonkeyPatch, trained: TrainedTwoStage, past: Past
) -> None:
    asked: list[int] = []
    scored = Popularity.score

    def watched(self: Popularity, history: Any) -> Scores:
        asked.append(len(history.users))
        return scored(self, history)

    monkeypatch.setattr(Popularity, "score", watched)
    monkeypatch.setattr(user_batches.user_batches, "__defaults__", (7 * len(past.items),))
    answers(trained.final, past)

    assert max(asked) == 7
    assert sum(asked) == len(past.history.users)


def test_nobody_asked_nobody_answered(trained: TrainedTwoStage, past: Past) -> None:
    found = trained.final.candidates(past.history.take(np.array([], dtype=np.int64)))

    assert (found.n_users, len(found.user), found.user.dtype) == (0, 0, np.int32)


def test_settings_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ModelError, match="does not take these parameters"):
        TwoStageParams.from_mapping({"sources": {"als": {}}, "ranker": {"leaves": 3}})
    with pytest.raises(ModelError, match="objective must be one of"):
        TwoStageParams.from_mapping({"sources": {"als": {}}, "ranker": {"objective": "magic"}})


def test_repeated_trees_are_other_trees_and_their_scores_are_averaged(windows, tmp_path):
    rows = rows_of(windows[1])
    twice = Ranker.fit(rows, {"lambdarank": 5}, replace(RANKER, repeats=2), seed=3)
    alone = [Ranker.fit(rows, {"lambdarank": 5}, RANKER, seed).score(rows.values, None) for seed in (3, 4)]
    assert not np.array_equal(*alone)
    assert twice.score(rows.values, None) == pytest.approx(np.mean(alone, axis=0), abs=1e-6)
    twice.save(tmp_path / "trees.txt")
    np.testing.assert_array_equal(
        Ranker.load(tmp_path / "trees.txt").score(rows.values, None), twice.score(rows.values, None)
    )
