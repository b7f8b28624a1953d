"""Files of models in MLflow that serve nobody; names, numbers and the history of runs stay."""

from collections.abc import Callable, Iterator

from mlflow.entities import ViewType
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.runs import CONTENT_NAME

PAGE = 500


def remove_artifacts(
    client: MlflowClient, experiment: str, is_kept: Callable[[str], bool], dry_run: bool
) -> dict[str, int]:
    """Remove the files of models and runs of an experiment.

    Parameters
    ----------
    client
        An open store.
    experiment
        Its name, ``<app>/<role>``; one that does not exist has nothing to remove.
    is_kept
        Whether the files of a content name stay.
    dry_run
        Remove nothing.

    Returns
    -------
    dict
        Bytes by content name, of those that had files.
    """
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return {}
    removed: dict[str, int] = {}
    for content_name, location in _locations(client, found.experiment_id):
        if content_name and not is_kept(content_name):
            repository = get_artifact_repository(location)
            size = _size(repository)
            removed |= {content_name: removed.get(content_name, 0) + size} if size else {}
            if size and not dry_run:
                repository.delete_artifacts()
    return dict(sorted(removed.items()))


def _locations(client: MlflowClient, experiment: str) -> Iterator[tuple[str, str]]:
    """Content name and address of the files of each model and each run."""
    token = None
    while True:
        models = client.search_logged_models([experiment], max_results=PAGE, page_token=token)
        yield from ((model.tags.get(CONTENT_NAME, ""), model.artifact_location) for model in models)
        token = models.token
        if not token:
            break
    while True:
        runs = client.search_runs([experiment], "", ViewType.ACTIVE_ONLY, PAGE, page_token=token)
        yield from ((run.data.tags.get(CONTENT_NAME, ""), run.info.artifact_uri) for run in runs)
        token = runs.token
        if not token:
            return


def _size(repository: ArtifactRepository, path: str | None = None) -> int:
    listed = repository.list_artifacts(path)
    return sum(_size(repository, entry.path) if entry.is_dir else int(entry.file_size or 0) for entry in listed)
