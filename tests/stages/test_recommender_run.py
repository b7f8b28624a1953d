"""The MLflow run of a small shop's night: names that stay, every part of it, and no user."""

import dataclasses
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from small_past import LAST_DAY, past_of, shop, windows_of

from jobs.adapters.tracking.tracking import Tracking
from jobs.core.config import load_settings
from jobs.datasets.history_frames import build_history_frame
from jobs.evaluation.comparison import Resampling, compare
from jobs.models.two_stage.params import RankerParams
from jobs.stages import recommender_run
from jobs.stages.contenders import TWO_STAGE, train_contenders
from jobs.stages.judging import judge
from jobs.stages.recommender_package import package_recommender
from jobs.stages.recommender_run import build_model_run, run_params
from jobs.stages.trained_night import TrainedNight

RANKER = RankerParams(
    min_users=10, num_leaves=15, min_child_samples=20, n_estimators=30, early_stopping_rounds=10, negatives=0.8
)
PARAMS = {
    "sources": {"popularity": {}, "item_item": {"half_life_days": 50}},
    "ranker": dataclasses.asdict(RANKER),
    "seed": 3,
}
NAME = f"two_stage-{LAST_DAY}-0a1b2c3d"
USER = "planted-user-"  # what all user ids begin with


@pytest.fixture(scope="module")
def settings():
    return load_settings("sample", overrides={"tracking.hash_key": "secret"})


@pytest.fixture(scope="module")
def events():
    rows = shop()
    return rows.assign(user_id=USER + rows["user_id"])


@pytest.fixture(scope="module")
def past(events):
    return past_of(events, LAST_DAY)


@pytest.fixture(scope="module", autouse=True)
def _small_recipe():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recommender_run, "recipe_params", lambda _: PARAMS)
        yield


@pytest.fixture(scope="module")
def night(settings, events, past):
    windows = windows_of(events, 3)
    contenders = train_contenders(PARAMS, past, windows)
    judged = judge(settings, windows[0], contenders.all)
    per_user = {name: of.per_user for name, of in judged.measurements["for_you"].items()}
    return TrainedNight(
        settings=settings,
        run_date=LAST_DAY,
        content_name=NAME,
        chosen=contenders.named(TWO_STAGE),
        why="two_stage is served: it is the better one",
        contenders=contenders,
        judged=judged,
        windows=tuple((window.past.history.cut, len(window.judged)) for window in windows),
        champion=f"single-{LAST_DAY - timedelta(1)}-99",
        champion_recipe={**PARAMS, "seed": 4},
        comparison=compare(
            per_user[TWO_STAGE], per_user["popularity"], "ndcg_at_10", judged.task.groups, Resampling(n_draws=50)
        ),
        training_digest="d" * 16,
        config_fingerprint="c" * 16,
        code_commit="abc",
    )


@pytest.fixture(scope="module")
def served(night, settings, past, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "model"
    return package_recommender(night.chosen.final, past, settings, folder)


@pytest.fixture(scope="module")
def run(night, served):
    return build_model_run(night, served)


def test_parameters_are_flat_and_the_same_whatever_is_served(night, run, settings):
    assert run.params["sources.item_item.half_life_days"] == 50
    assert run.params["sources.popularity"] == "on"
    assert run.params["sources.als"] == "off"
    assert run.params["ranker.num_leaves"] == 15
    assert run.params["data.horizon_days"] == settings.recommender.horizon_days
    single = run_params(settings, night.contenders.named("popularity"))
    assert set(single) == set(run.params)
    assert (single["kind"], single["served"]) == ("single", "popularity")


def test_metrics_of_the_evaluation_and_of_the_training(night, run):
    row = night.judged.evaluation.select("for_you", method=TWO_STAGE)[0]
    assert run.metrics["for_you/ndcg_at_10"] == row.value("ndcg_at_10")
    assert run.metrics["training/n_windows"] == 3
    assert run.metrics["training/n_sources"] == 2
    fit = night.contenders.report.fits["all"]
    assert run.metrics["training/n_trees_all"] == fit.n_served
    assert run.steps["training/ndcg_at_30_all"] == list(fit.curve)


def test_tags_say_what_night_and_against_whom(run):
    assert run.tags == {
        "run_date": str(LAST_DAY),
        "served": TWO_STAGE,
        "why": "two_stage is served: it is the better one",
        "champion": f"single-{LAST_DAY - timedelta(1)}-99",
        "left_out": "none",
        "config_fingerprint": "c" * 16,
        "training_digest": "d" * 16,
        "code_commit": "abc",
    }


def test_a_child_for_the_ranker_and_for_each_source(night, run):
    assert [child.name for child in run.sources] == [TWO_STAGE, "item_item", "popularity"]
    ranker, item_item, _ = run.sources
    assert (ranker.params["ranker.num_leaves"], item_item.params["sources.item_item.half_life_days"]) == (15, 50)
    row = night.judged.evaluation.select("for_you", method="item_item")[0]
    assert item_item.metrics["for_you/ndcg_at_10"] == row.value("ndcg_at_10")
    assert "training/ndcg_at_30_all" in ranker.steps


def test_a_source_that_was_left_out_and_the_champion_are_children_too(night, served):
    judged = night.judged
    methods = {**judged.methods, "champion": judged.methods["popularity"]}
    contenders = dataclasses.replace(night.contenders, left_out={"als": "too | little"})
    changed = dataclasses.replace(night, contenders=contenders, judged=dataclasses.replace(judged, methods=methods))
    run = build_model_run(changed, served)
    assert [child.name for child in run.sources][-2:] == ["champion", "als"]
    assert run.sources[-2].params["seed"] == 4
    assert run.sources[-1].note == "Left out of this night: too | little"
    assert run.tags["left_out"] == "als"
    assert "Left out: `als` (too \\| little)." in run.model_card


def test_importance_of_every_feature(night, run):
    frame = run.tables["features/importance"]
    model = night.contenders.named(TWO_STAGE).final
    assert sorted(frame["feature"]) == sorted(model.of_all.names)
    assert frame["gain_share"].sum() == pytest.approx(1)
    assert frame["mean_abs_shap"].is_monotonic_decreasing
    assert frame["mean_abs_shap"].iloc[0] > 0
    pd.testing.assert_frame_equal(frame, recommender_run._importance(night))


def test_files_and_pictures(night, run):
    assert set(run.tables) == {"features/importance", "evaluation/metrics"}
    assert set(run.texts) == {"users/lists.html", "evaluation/evaluation.json"}
    assert json.loads(run.texts["evaluation/evaluation.json"])["app"] == "sample"
    assert set(run.pictures) == {
        "feature_importance",
        "learning_curve_all",
        "learning_curve_new",
        "score_calibration",
        *(f"{surface}_{what}" for surface in ("for_you", "discover") for what in ("methods", "by_activity")),
        *(f"{surface}_lift_over_popularity" for surface in ("for_you", "discover")),
    }
    assert NAME in run.texts["users/lists.html"]


def test_the_card_has_numbers_with_intervals_changes_and_limits(night, run):
    card = run.model_card
    row = night.judged.evaluation.select("for_you", method=TWO_STAGE)[0].estimates["ndcg_at_10"]
    assert f"| ndcg_at_10 | {row.value:.4f} ({row.low:.4f} to {row.high:.4f}) |" in card
    assert "| seed | 4 | 3 |" in card
    for title in ("Intended use", "Data", "How it works", "Limits", "How to load it"):
        assert f"\n## {title}\n" in card
    assert 'load_model("models:/sample.recommender@champion")' in card
    assert all(f"{cut}" in card for cut, _ in night.windows)


def test_a_group_that_a_log_named_cannot_break_the_card(night, served):
    evaluation = night.judged.evaluation
    named = tuple(dataclasses.replace(row, group="country.a|b<i>\n# c") for row in evaluation.rows)
    judged = dataclasses.replace(
        night.judged, evaluation=dataclasses.replace(evaluation, rows=(*evaluation.rows, *named))
    )
    card = build_model_run(dataclasses.replace(night, judged=judged), served).model_card
    assert "| `for_you` | country.a\\|b&lt;i&gt;\\\\u000a# c |" in card


def test_a_first_night_has_a_run_too(night, served):
    contenders = dataclasses.replace(night.contenders, all=night.contenders.all[1:], report=None)
    first = dataclasses.replace(
        night, judged=None, windows=(), champion="", comparison=None, contenders=contenders, chosen=contenders.all[0]
    )
    run = build_model_run(first, served)
    assert run.metrics == {"training/n_windows": 0.0, "training/n_sources": 2.0}
    assert (run.tags["champion"], run.pictures, run.tables, run.texts) == ("none", {}, {}, {})
    assert "No label window had closed" in run.model_card
    assert "There was no champion." in run.model_card


def test_the_package_says_how_it_is_called(served):
    assert served.example_output["items"].map(len).gt(0).all()
    assert served.call_params == {"k": 20, "surface": "for_you", "exclude_had": False}


NOTEBOOK = """
import sys
sys.modules.update(pyspark=None, airflow=None, feast=None)
import mlflow, pandas as pd
mlflow.set_tracking_uri('sqlite:///{home}/mlflow.db')
model = mlflow.pyfunc.load_model('models:/sample.recommender@champion')
frame = pd.read_json('{home}/histories.json', dtype=False, convert_dates=False)
for surface in ('for_you', 'discover'):
    model.predict(frame, {{'k': 7, 'surface': surface}}).to_json('{home}/' + surface + '.json', orient='records')
"""


@pytest.fixture(scope="module")
def registered(run, tmp_path_factory):
    """A home in which the run is registered and serves."""
    home = tmp_path_factory.mktemp("home")
    tracking = Tracking(f"sqlite:///{home}/mlflow.db", "sample", home / "cache")
    tracking.register(run)
    tracking.set_champion("recommender", NAME)
    return home


def test_a_notebook_without_spark_gets_the_candidates_of_both_stages(registered, night, past):
    build_history_frame(past.history).to_json(registered / "histories.json")
    code = NOTEBOOK.format(home=registered)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], cwd=registered, env=environment, capture_output=True)
    (registered / "histories.json").unlink()
    assert done.returncode == 0, done.stderr.decode()
    found = night.chosen.final.candidates(past.history, past.catalogue.is_available)
    for surface, values, allowed in (
        ("for_you", found.score, found.score > -np.inf),
        ("discover", found.discovery_score, ~found.is_had),
    ):
        rows = json.loads((registered / f"{surface}.json").read_text())
        (registered / f"{surface}.json").unlink()
        assert len(rows) == len(past.history.users)
        for user, row in enumerate(rows):
            of_user = np.flatnonzero((found.user == user) & allowed)
            expected = sorted(of_user, key=lambda place: (-values[place], found.item[place]))[:7]
            assert row["scores"] == pytest.approx(values[expected].tolist(), rel=1e-5, abs=1e-6)
            assert row["items"] == past.items[found.item[expected]].tolist()


def test_nothing_that_is_written_names_a_user(registered):
    files = [path for path in registered.rglob("*") if path.is_file()]
    assert {".html", ".csv", ".json", ".md", ".png", ".npz", ".txt", ".db"} <= {path.suffix for path in files}
    assert [str(path) for path in files if holds(path, USER)] == []
    assert {".html", ".csv", ".npz"} & {path.suffix for path in files if holds(path, "i01")}


def holds(path, text):
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return any(text in str(arrays[name].ravel().tolist()) for name in arrays.files)
    return text.encode() in path.read_bytes()
