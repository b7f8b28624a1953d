import time
from pathlib import Path

import pytest
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.runs import CONTENT_NAME, PARENT
from jobs.adapters.tracking.store import open_client
from jobs.adapters.tracking.vacuum import remove_artifacts
from tests.servers.mlflow_server import running_mlflow

OLD, CHAMPION = "als-2025-01-01-aaaa", "als-2025-01-02-bbbb"
EXPERIMENT = "sample/recommender"
LATER = 60.0  # seconds after which nothing is young any more


@pytest.fixture
def client(tmp_path: Path) -> MlflowClient:
    """A store with a finished run and its model of each content name."""
    client = open_client(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path / "artifacts"))
    fill(client, tmp_path, str(tmp_path / "artifacts" / EXPERIMENT))
    return client


def fill(client: MlflowClient, folder: Path, location: str | None) -> None:
    client.create_experiment(EXPERIMENT, artifact_location=location)
    files = folder / "files"
    files.mkdir()
    (files / "factors").write_bytes(b"x" * 100)
    for name in (OLD, CHAMPION):
        finish(client, train(client, name, files))


def train(client: MlflowClient, name: str, files: Path, parent: str = "", *, half: bool = False) -> str:
    """A run that is not finished, with a file and a model; of a half one the model is not ready."""
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    run = client.create_run(experiment, tags={CONTENT_NAME: name, **({PARENT: parent} if parent else {})})
    client.log_batch(run.info.run_id, metrics=[Metric("ndcg_at_10", 0.3, 0, 0)])
    client.log_artifact(run.info.run_id, str(files / "factors"))
    model = client.create_logged_model(
        experiment, name=name, source_run_id=run.info.run_id, tags={CONTENT_NAME: name}
    )
    client.log_model_artifacts(model.model_id, str(files))
    if not half:
        client.finalize_logged_model(model.model_id, "READY")
    return str(run.info.run_id)


def finish(client: MlflowClient, run: str) -> None:
    client.set_terminated(run)


def factors(root: Path) -> list[Path]:
    return sorted((root / "artifacts").rglob("factors"))


def remove(client: MlflowClient, dry_run: bool = False) -> dict[str, int]:
    return remove_artifacts(client, EXPERIMENT, lambda name: name == CHAMPION, time.time() + LATER, dry_run)


def test_files_go_and_names_and_numbers_stay(client: MlflowClient, tmp_path: Path) -> None:
    assert remove(client, dry_run=True) == {OLD: 200}
    assert len(factors(tmp_path)) == 4
    assert remove(client) == {OLD: 200}
    assert len(factors(tmp_path)) == 2
    assert remove(client) == {}
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    runs = client.search_runs([experiment])
    assert {run.data.tags[CONTENT_NAME] for run in runs} == {OLD, CHAMPION}
    assert {run.data.metrics["ndcg_at_10"] for run in runs} == {0.3}


def test_an_experiment_that_does_not_exist_has_nothing(client: MlflowClient) -> None:
    assert remove_artifacts(client, "other/recommender", lambda name: False, 0, dry_run=False) == {}


@pytest.mark.parametrize("status", ["RUNNING", "KILLED", "FAILED"])
@pytest.mark.parametrize("half", [True, False])
def test_what_a_dead_training_left_goes_though_another_of_its_name_serves(
    client: MlflowClient, tmp_path: Path, status: str, half: bool
) -> None:
    remove(client)
    served = factors(tmp_path)
    dead = train(client, CHAMPION, tmp_path / "files", half=half)
    finish(client, train(client, CHAMPION, tmp_path / "files", parent=dead))
    if status != "RUNNING":
        client.set_terminated(dead, status=status)
    assert remove_artifacts(client, EXPERIMENT, lambda name: True, time.time() - LATER, False) == {}, "it may live"
    assert remove(client) == {CHAMPION: 400}
    assert factors(tmp_path) == served


@pytest.mark.slow
def test_files_go_that_a_server_keeps(tmp_path: Path) -> None:
    with running_mlflow(tmp_path / "server", f"sqlite:///{tmp_path}/server.db") as server:
        client = open_client(server.uri, None)
        fill(client, tmp_path, None)
        kept = set((tmp_path / "server" / "artifacts").rglob("factors"))
        assert remove(client) == {OLD: 200}
        assert len(kept) == 4
        assert len(set((tmp_path / "server" / "artifacts").rglob("factors"))) == 2
