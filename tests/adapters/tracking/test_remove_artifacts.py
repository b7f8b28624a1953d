from pathlib import Path

import pytest
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.runs import CONTENT_NAME
from jobs.adapters.tracking.store import open_client
from jobs.adapters.tracking.vacuum import remove_artifacts

OLD, CHAMPION = "als-2025-01-01-aaaa", "als-2025-01-02-bbbb"
EXPERIMENT = "sample/recommender"


@pytest.fixture
def client(tmp_path: Path) -> MlflowClient:
    """A store with a run and a model of each content name."""
    client = open_client(f"sqlite:///{tmp_path}/mlflow.db", str(tmp_path / "artifacts"))
    experiment = client.create_experiment(EXPERIMENT, artifact_location=str(tmp_path / "artifacts" / EXPERIMENT))
    files = tmp_path / "files"
    files.mkdir()
    (files / "factors").write_bytes(b"x" * 100)
    for name in (OLD, CHAMPION):
        run = client.create_run(experiment, tags={CONTENT_NAME: name})
        client.log_batch(run.info.run_id, metrics=[Metric("ndcg_at_10", 0.3, 0, 0)])
        client.log_artifact(run.info.run_id, str(files / "factors"))
        model = client.create_logged_model(
            experiment, name=name, source_run_id=run.info.run_id, tags={CONTENT_NAME: name}
        )
        client.log_model_artifacts(model.model_id, str(files))
        client.finalize_logged_model(model.model_id, "READY")
    return client


def factors(root: Path) -> list[Path]:
    return sorted((root / "artifacts").rglob("factors"))


def remove(client: MlflowClient, dry_run: bool = False) -> dict[str, int]:
    return remove_artifacts(client, EXPERIMENT, lambda name: name == CHAMPION, dry_run)


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
    assert remove_artifacts(client, "other/recommender", lambda name: False, dry_run=False) == {}
