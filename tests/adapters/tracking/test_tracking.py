import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import mlflow
import numpy as np
import pytest
import tiny_recommender as tiny
from mlflow.tracking import MlflowClient
from recommender_record import NAME, record

from jobs.adapters.tracking.records import ServedModel, SourceRun, flat_params
from jobs.adapters.tracking.runs import Runs
from jobs.adapters.tracking.tracking import Tracking
from jobs.core.errors import ModelError
from jobs.datasets.history_frames import build_history_frame
from jobs.models.predictions.model import PredictionModel, Task
from jobs.models.recommenders import load_recommender
from jobs.models.served_prediction import ServedPrediction
from jobs.models.served_recommender import CALL_PARAMS, INPUT_COLUMNS
from tests.models.predictions.observed import PARAMS, observed_users

Kept = namedtuple("Kept", ("home", "client", "made"))
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


@pytest.fixture(scope="module")
def kept(tmp_path_factory, empty_store):
    """A store with one registered model, for tests that only look: its home, client and what was made."""
    home = tmp_path_factory.mktemp("kept")
    (home / "mlflow.db").write_bytes(empty_store)
    uri = f"sqlite:///{home}/mlflow.db"
    made = Tracking(uri, "sample", home / "cache").register(record(tmp_path_factory.mktemp("model") / "m"))
    return Kept(home, MlflowClient(uri, uri), made)


def runs_of(client):
    experiments = [e.experiment_id for e in client.search_experiments()]
    return client.search_runs(experiments)


def test_a_registered_model_has_a_run_with_all_of_it(kept):
    client, made = kept.client, kept.made
    assert (made.name, made.version, made.reused) == ("sample.recommender", "1", False)
    run = client.get_run(made.run_id)
    assert client.get_experiment(run.info.experiment_id).name == "sample/recommender"
    assert (run.info.run_name, run.info.status) == (NAME, "FINISHED")
    assert run.data.metrics == {"ndcg_at_10": 0.3, "learning/ndcg": 0.3}
    assert run.data.params == {"ranker.num_leaves": "15", "sources.als": "off"}
    assert run.data.tags["code_commit"] == run.data.tags["mlflow.source.git.commit"] == "abc"
    logged = client.get_logged_model(run.outputs.model_outputs[0].model_id)
    assert [metric.key for metric in logged.metrics] == ["ndcg_at_10"]
    assert len(client.get_metric_history(made.run_id, "ndcg_at_10")) == 1
    assert run.inputs.dataset_inputs[0].dataset.name == "interactions"
    assert run.data.tags["mlflow.note.content"] == "# Two stages\nFor the home page."


def test_curves_tables_texts_and_pictures_are_kept(kept):
    client, made = kept.client, kept.made
    curve = client.get_metric_history(made.run_id, "learning/ndcg")
    assert [(point.step, point.value) for point in curve] == [(1, 0.1), (2, 0.2), (3, 0.3)]
    folder = Path(client.get_run(made.run_id).info.artifact_uri)
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    assert set(files) == {
        "evaluation.json",
        "features/importance.csv",
        "model_card.md",
        "pictures/sources.png",
        "users.html",
    }
    assert files["features/importance.csv"].read_text() == "feature,gain_share\nage,0.333333\n"
    assert files["users.html"].read_text() == "<p>lists</p>"


def test_more_parameters_and_rounds_than_one_call_takes(tracking, client, tmp_path):
    params = {f"sources.s{number}.x": number for number in range(250)}
    made = tracking.register(record(tmp_path / "m", params=params, steps={"curve": [0.5] * 1500}))
    assert len(client.get_run(made.run_id).data.params) == 250
    assert len(client.get_metric_history(made.run_id, "curve")) == 1500


def test_settings_become_flat_names():
    nested = {"seed": 7, "sources": {"als": {"factors": 64}, "ease": None}, "cuts": (10, 50)}
    assert flat_params(nested) == {"seed": 7, "sources.als.factors": 64, "sources.ease": "off", "cuts": "10, 50"}


def test_sources_are_children(kept):
    client, made = kept.client, kept.made
    children = [r for r in runs_of(client) if r.data.tags.get("mlflow.parentRunId") == made.run_id]
    assert {r.info.run_name for r in children} == {"als", "popularity"}
    assert {r.info.status for r in children} == {"FINISHED"}
    als, popularity = sorted(children, key=lambda run: run.info.run_name)
    assert (als.data.metrics, als.data.params) == ({"ndcg_at_10": 0.2}, {"factors": "2"})
    assert [file.path for file in client.list_artifacts(als.info.run_id)] == ["lists.csv"]
    assert popularity.data.tags["mlflow.note.content"] == "left out: too little data"
    # A table of runs that is filtered or grouped by night has the children in it.
    assert {r.data.tags["run_date"] for r in children} == {"2026-01-05"}


def test_a_child_that_fails_is_failed_as_its_parent(tracking, client, tmp_path):
    broken = (SourceRun("als", {}, {}, pictures={"x": "not a figure"}),)
    with pytest.raises(TypeError):
        tracking.register(record(tmp_path / "m", sources=broken))
    assert {r.info.run_name: r.info.status for r in runs_of(client)} == {"als": "FAILED", NAME: "FAILED"}


def test_the_same_content_name_is_one_version_and_one_run(tracking, client, tmp_path):
    first = tracking.register(record(tmp_path / "m"))
    second = tracking.register(record(tmp_path / "m"))
    assert (second.version, second.run_id, second.reused) == (first.version, first.run_id, True)
    assert len(runs_of(client)) == 3
    assert len(client.search_model_versions("name = 'sample.recommender'")) == 1


def test_a_run_finished_but_not_registered_is_registered_the_next_time(tracking, client, tmp_path):
    made = tracking.register(record(tmp_path / "m"))
    client.delete_model_version("sample.recommender", "1")
    again = tracking.register(record(tmp_path / "m"))
    assert (again.run_id, again.reused) == (made.run_id, False)
    assert len(runs_of(client)) == 3


def test_aliases_move(tracking, client, tmp_path):
    tracking.register(record(tmp_path / "m"))
    tracking.register(record(tmp_path / "m", "als-2026-01-06-99"))
    tracking.set_challenger("recommender", "als-2026-01-06-99")
    tracking.set_champion("recommender", NAME)
    assert str(client.get_model_version_by_alias("sample.recommender", "champion").version) == "1"
    tracking.set_champion("recommender", "als-2026-01-06-99")
    assert str(client.get_model_version_by_alias("sample.recommender", "champion").version) == "2"
    assert str(client.get_model_version_by_alias("sample.recommender", "challenger").version) == "2"


def test_the_gate_is_read_on_version_and_run(tracking, client, tmp_path):
    made = tracking.register(record(tmp_path / "m"))
    tracking.record_gate(
        "recommender", NAME, False, "0.1 is below 0.2", {"margin": 0.02, "relative_low": -0.123456789}
    )
    version = client.get_model_version("sample.recommender", "1")
    assert version.tags["gate"] == client.get_run(made.run_id).data.tags["gate"] == "refused"
    assert version.tags["gate_reason"] == "0.1 is below 0.2"
    for tags in (version.tags, client.get_run(made.run_id).data.tags):
        assert (tags["gate.margin"], tags["gate.relative_low"]) == ("0.02", "-0.123457")
        assert not [name for name in tags if "Ivoire" in name]


def test_the_folder_comes_back_as_it_was(tracking, tmp_path):
    tracking.register(record(tmp_path / "m"))
    folder = tracking.load_folder("recommender", NAME)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(tmp_path / "m") for path in (tmp_path / "m").rglob("*") if path.is_file())
    assert all((folder / file).read_bytes() == (tmp_path / "m" / file).read_bytes() for file in files)
    assert load_recommender(folder).name == "single"
    assert tracking.load_folder("recommender", NAME) == folder
    assert [path.name for path in folder.parent.iterdir()] == [NAME]


NOTEBOOK = """
import sys
sys.modules.update(pyspark=None, airflow=None, feast=None)  # importing one of them raises ImportError
import mlflow, pandas as pd
mlflow.set_tracking_uri('sqlite:///{home}/mlflow.db')
model = mlflow.pyfunc.load_model('models:/sample.recommender@champion')
frame = pd.read_json('{home}/histories.json', dtype=False, convert_dates=False)
for name, params in (('for_you', {{'k': 3}}), ('discover', {{'k': 2, 'surface': 'discover'}}), ('defaults', None)):
    model.predict(frame, params).to_json('{home}/' + name + '.json', orient='records')
"""


def test_a_notebook_loads_the_champion_and_gets_the_model_s_own_candidates(tracking, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    tracking.set_champion("recommender", NAME)
    past = tiny.build_past()
    frame = build_history_frame(past.history)
    frame.to_json(home / "histories.json")
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK.format(home=home)], cwd=home, env=ENVIRONMENT, capture_output=True
    )
    assert done.returncode == 0, done.stderr.decode()
    candidates = tiny.build_recommender(past).candidates(past.history, tiny.build_facts(past).available)
    for name, k, values, allowed in (
        ("for_you", 3, candidates.score, np.ones(len(candidates.item), dtype=bool)),
        ("discover", 2, candidates.discovery_score, ~candidates.is_had),
        ("defaults", 20, candidates.score, np.ones(len(candidates.item), dtype=bool)),
    ):
        for user, row in enumerate(json.loads((home / f"{name}.json").read_text())):
            of_user = np.flatnonzero((candidates.user == user) & allowed)
            order = sorted(of_user, key=lambda place: (-values[place], candidates.item[place]))[:k]
            assert row["items"] == past.items[candidates.item[order]].tolist()
            assert row["scores"] == pytest.approx(values[order].tolist(), rel=1e-5)
            assert row["key"] == past.history.users[user]


def test_the_signature_holds_lists_of_texts_and_numbers(kept):
    location = next((kept.home / "artifacts" / "sample" / "recommender" / "models").iterdir()) / "artifacts"
    loaded = mlflow.pyfunc.load_model(str(location))
    signature = loaded.metadata.signature
    assert signature.inputs.input_names() == [column.name for column in INPUT_COLUMNS]
    assert str(signature.inputs.input_dict()["items"].type) == "Array(string)"
    assert str(signature.inputs.input_dict()["moments"].type) == "Array(long)"
    assert {param.name: param.default for param in signature.params.params} == CALL_PARAMS
    frame = build_history_frame(tiny.build_past().history)
    stranger = frame.head(1).assign(**{name: [[]] for name in ("items", "ages", "moments")})
    for wrong in (frame.drop(columns="ages"), frame.assign(items="item-1"), stranger.assign(items=[[1, 2]])):
        with pytest.raises(mlflow.exceptions.MlflowException, match="schema"):
            loaded.predict(wrong)
    with pytest.raises(mlflow.exceptions.MlflowException):
        loaded.predict(frame, {"k": "many"})


def test_nothing_kept_names_a_user(kept):
    files = [path for path in kept.home.rglob("*") if path.is_file()]
    assert any(path.name == "arrays.npz" for path in files)
    assert any(path.name == "input_example.json" for path in files)
    assert [str(path) for path in files if holds(path, tiny.USER)] == []
    # The search itself finds what is there.
    assert [path.name for path in files if holds(path, "item-3")]


def holds(path, text):
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return any(text in str(arrays[name].tolist()) for name in arrays.files)
    if path.suffix == ".db":
        with sqlite3.connect(path) as database:
            return any(text in line for line in database.iterdump())
    return text.encode() in path.read_bytes()


def test_no_pickle_and_no_file_of_the_working_directory_is_kept(kept):
    names = {path.name for path in (kept.home / "artifacts").rglob("*") if path.is_file()}
    assert not {name for name in names if name.endswith((".pkl", ".pickle"))}
    assert not {"pyproject.toml", "uv.lock"} & names


def test_a_killed_run_is_swept_by_the_next_start(tracking, client, home, tmp_path):
    code = (
        "import time\n"
        "from jobs.adapters.tracking.runs import Runs\n"
        "from jobs.adapters.tracking.store import open_client\n"
        f"client = open_client('sqlite:///{home}/mlflow.db', None)\n"
        f"runs = Runs(client, 'sample', 'recommender', '{home}/artifacts')\n"
        f"runs._start('{NAME}', '{NAME}', 'model', {{}})\n"
        "print('started', flush=True)\n"
        "time.sleep(600)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", code], env=ENVIRONMENT, stdout=subprocess.PIPE)
    assert child.stdout.readline() == b"started\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    tracking.register(record(tmp_path / "m"))
    assert sorted(r.info.status for r in runs_of(client)) == ["FINISHED", "FINISHED", "FINISHED", "KILLED"]


def test_a_failure_on_the_way_leaves_a_failed_run_and_no_version(tracking, client, tmp_path):
    broken = record(tmp_path / "m", pictures={"sources": "not a figure"})
    with pytest.raises(TypeError):
        tracking.register(broken)
    assert "FAILED" in {r.info.status for r in runs_of(client)}
    assert tracking.register(record(tmp_path / "m")).version == "1"


def test_what_is_not_there_is_named(tracking, tmp_path):
    for call in (tracking.load_folder, tracking.set_champion, tracking.set_challenger):
        with pytest.raises(ModelError, match=r"'sample\.recommender' with content name 'als-1'"):
            call("recommender", "als-1")


def test_files_that_are_gone_are_named(tracking, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    (home / "artifacts").rename(home / "elsewhere")
    with pytest.raises(ModelError, match="cannot fetch the model files"):
        tracking.load_folder("recommender", NAME)


def test_a_deleted_experiment_says_how_to_bring_it_back(tracking, client, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    client.delete_experiment(client.get_experiment_by_name("sample/recommender").experiment_id)
    with pytest.raises(ModelError, match="mlflow experiments restore"):
        Runs(client, "sample", "recommender", None)


def test_two_apps_in_one_store_do_not_touch(kept):
    other = Tracking(f"sqlite:///{kept.home}/mlflow.db", "shop", kept.home / "cache")
    with pytest.raises(ModelError, match=r"shop\.recommender"):
        other.load_folder("recommender", NAME)


def test_nothing_global_is_changed(tracking, tmp_path):
    before = mlflow.get_tracking_uri()
    tracking.register(record(tmp_path / "m"))
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None


def test_a_prediction_is_served_from_the_registry(tracking, home, tmp_path):
    features, target, users = observed_users(300)
    model = PredictionModel(Task("churn", (14,)), PARAMS).fit(features, target, users, ["active"] * 300)
    model.save(tmp_path / "churn")
    example = features.head(3)
    served = ServedModel(
        folder=tmp_path / "churn",
        loader="jobs.models.served_prediction",
        example_input=example,
        example_output=ServedPrediction(model).predict(example),
        requirements=("numpy", "pandas", "lightgbm"),
    )
    tracking.register(record(tmp_path / "m", role="churn", model=served))
    location = next((home / "artifacts" / "sample" / "churn" / "models").iterdir()) / "artifacts"
    loaded = mlflow.pyfunc.load_model(str(location))
    assert (loaded.predict(example)["within_14d"] == model.predict(example)[:, 0]).all()
    assert loaded.metadata.signature.inputs.input_names() == list(features.columns)
