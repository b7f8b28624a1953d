import os
import signal
import subprocess
import sys
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData
from jobs.adapters.tracking.runs import Runs
from jobs.adapters.tracking.tracking import Tracking
from jobs.core.errors import ModelError
from jobs.datasets.interactions import Interactions
from jobs.models.als import AlsRecommender
from jobs.models.churn import ChurnModel
from jobs.models.served_churn import ServedChurn
from jobs.models.served_recommender import DEFAULT_PARAMS, ServedRecommender, build_example

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
PLANTED = "planted-user"
NAME = "als-2026-01-05-0a1b2c3d"


def history():
    rows = [(f"{PLANTED}-{u}", f"item-{i}", 1.0 + u + i) for u in range(6) for i in range(5) if (u + i) % 3]
    return Interactions.from_frame(pd.DataFrame(rows, columns=["user_id", "item_id", "weight"]))


def record(folder, content_name=NAME, **changes):
    model = AlsRecommender(factors=2, iterations=2).fit(history())
    model.save(folder)
    example = build_example(history(), "secret")
    served = ServedModel(
        folder=folder,
        loader="jobs.models.served_recommender",
        example_input=example,
        example_output=ServedRecommender(model).predict(example),
        call_params=DEFAULT_PARAMS,
        requirements=("numpy", "pandas", "implicit"),
    )
    fields = {
        "role": "recommender",
        "content_name": content_name,
        "params": model.params,
        "metrics": {"ndcg_at_10": 0.3},
        "tags": {"run_date": "2026-01-05", "code_commit": "abc", "data_digest": "d" * 64},
        "training_data": TrainingData("interactions", "d" * 64, "interactions/2026-01-05"),
        "model": served,
        "model_card": "# ALS\nFor the home page.",
        "pictures": {"sources": Figure()},
        "sources": (SourceRun("als", {"factors": 2}, {"ndcg_at_10": 0.3}), SourceRun("popularity", {}, {})),
    }
    return ModelRun(**{**fields, **changes})


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory):
    """A store made once: its tables take seconds."""
    database = tmp_path_factory.mktemp("store") / "mlflow.db"
    Tracking(f"sqlite:///{database}", "sample", database.parent / "cache")
    return database.read_bytes()


@pytest.fixture
def home(tmp_path, empty_store):
    (tmp_path / "mlflow.db").write_bytes(empty_store)
    return tmp_path


@pytest.fixture
def tracking(home):
    return Tracking(f"sqlite:///{home}/mlflow.db", "sample", home / "cache")


@pytest.fixture
def client(home):
    return MlflowClient(f"sqlite:///{home}/mlflow.db", f"sqlite:///{home}/mlflow.db")


def runs_of(client):
    experiments = [e.experiment_id for e in client.search_experiments()]
    return client.search_runs(experiments)


def test_a_registered_model_has_a_run_with_all_of_it(tracking, client, tmp_path):
    made = tracking.register(record(tmp_path / "m"))
    assert (made.name, made.version, made.reused) == ("sample.recommender", "1", False)
    run = client.get_run(made.run_id)
    assert client.get_experiment(run.info.experiment_id).name == "sample/recommender"
    assert (run.info.run_name, run.info.status) == (NAME, "FINISHED")
    assert run.data.metrics == {"ndcg_at_10": 0.3}
    assert run.data.params["factors"] == "2"
    assert run.data.tags["code_commit"] == run.data.tags["mlflow.source.git.commit"] == "abc"
    logged = client.get_logged_model(run.outputs.model_outputs[0].model_id)
    assert [metric.key for metric in logged.metrics] == ["ndcg_at_10"]
    assert len(client.get_metric_history(made.run_id, "ndcg_at_10")) == 1
    assert run.inputs.dataset_inputs[0].dataset.name == "interactions"
    assert {f.path for f in client.list_artifacts(made.run_id)} == {"model_card.md", "pictures"}


def test_sources_are_children(tracking, client, tmp_path):
    made = tracking.register(record(tmp_path / "m"))
    children = [r for r in runs_of(client) if r.data.tags.get("mlflow.parentRunId") == made.run_id]
    assert {r.info.run_name for r in children} == {"als", "popularity"}
    assert {r.info.status for r in children} == {"FINISHED"}


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
    tracking.record_gate("recommender", NAME, promoted=False, reason="0.1 is below 0.2")
    version = client.get_model_version("sample.recommender", "1")
    assert version.tags["gate"] == client.get_run(made.run_id).data.tags["gate"] == "refused"
    assert version.tags["gate_reason"] == "0.1 is below 0.2"


def test_the_folder_comes_back_as_it_was(tracking, tmp_path):
    tracking.register(record(tmp_path / "m"))
    folder = tracking.load_folder("recommender", NAME)
    assert sorted(path.name for path in folder.iterdir()) == ["arrays.npz", "model.json"]
    weights = history().weights
    loaded, trained = AlsRecommender.load(folder), AlsRecommender.load(tmp_path / "m")
    assert loaded.recommend(weights, 3).scores.tobytes() == trained.recommend(weights, 3).scores.tobytes()
    assert tracking.load_folder("recommender", NAME) == folder
    assert [path.name for path in folder.parent.iterdir()] == [NAME]


def test_a_notebook_loads_the_champion_and_predicts(tracking, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    tracking.set_champion("recommender", NAME)
    code = (
        "import sys\n"
        "sys.modules.update(pyspark=None, airflow=None)\n"  # importing either raises ImportError
        "import mlflow, pandas as pd\n"
        f"mlflow.set_tracking_uri('sqlite:///{home}/mlflow.db')\n"
        "model = mlflow.pyfunc.load_model('models:/sample.recommender@champion')\n"
        "frame = pd.DataFrame({'key': ['me'], 'items': [['item-1']], 'weights': [[1.0]]})\n"
        "made = model.predict(frame, {'k': 2})\n"
        "assert len(made['items'][0]) == 2 and 'item-1' not in made['items'][0], made\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=home, env=ENVIRONMENT, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_nothing_kept_names_a_user(tracking, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name == "arrays.npz" for path in kept)
    assert any(path.name == "input_example.json" for path in kept)
    assert [str(path) for path in kept if holds(path, PLANTED)] == []


def holds(path, text):
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return any(text in str(arrays[name].tolist()) for name in arrays.files)
    return text.encode() in path.read_bytes()


def test_no_pickle_and_no_file_of_the_working_directory_is_kept(tracking, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    names = {path.name for path in (home / "artifacts").rglob("*") if path.is_file()}
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


def test_two_apps_in_one_store_do_not_touch(tracking, home, tmp_path):
    tracking.register(record(tmp_path / "m"))
    other = Tracking(f"sqlite:///{home}/mlflow.db", "shop", home / "cache")
    with pytest.raises(ModelError, match=r"shop\.recommender"):
        other.load_folder("recommender", NAME)


def test_nothing_global_is_changed(tracking, tmp_path):
    before = mlflow.get_tracking_uri()
    tracking.register(record(tmp_path / "m"))
    assert mlflow.get_tracking_uri() == before
    assert mlflow.active_run() is None


def test_a_churn_model_is_served_from_the_registry(tracking, home, tmp_path):
    rng = np.random.default_rng(0)
    features = pd.DataFrame({"days_since_last": rng.exponential(20, 300), "n_events_7d": rng.poisson(3, 300)})
    model = ChurnModel().refit(features, features["days_since_last"] > 15, n_trees=5)
    model.save(tmp_path / "churn")
    example = features.head(3)
    served = ServedModel(
        folder=tmp_path / "churn",
        loader="jobs.models.served_churn",
        example_input=example,
        example_output=ServedChurn(model).predict(example),
        requirements=("numpy", "pandas", "lightgbm"),
    )
    tracking.register(record(tmp_path / "m", role="churn", model=served))
    location = next((home / "artifacts" / "sample" / "churn" / "models").iterdir()) / "artifacts"
    loaded = mlflow.pyfunc.load_model(str(location))
    assert (loaded.predict(example)["churn_probability"] == model.predict_proba(example)).all()
    assert loaded.metadata.signature.inputs.input_names() == ["days_since_last", "n_events_7d"]
