"""Files in MLflow that serve nobody, of models and of dead trainings; names, numbers and the history of runs stay."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mlflow.entities import LoggedModel, LoggedModelStatus, Run, RunStatus, ViewType
from mlflow.store.artifact.artifact_repo import ArtifactRepository
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.runs import CONTENT_NAME, PARENT

PAGE = 500
_FINISHED = RunStatus.to_string(RunStatus.FINISHED)


@dataclass(frozen=True)
class _Stored:
    """Files of one run or model; `is_dead` where a training that never ended left them, whatever their name."""

    content_name: str
    location: str
    is_dead: bool


def remove_artifacts(
    client: MlflowClient, experiment: str, is_kept: Callable[[str], bool], before: float, dry_run: bool
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
    before
        Seconds of the epoch: what began before and never finished is dead. Its files go also where another training
        of the same content name finished and is kept.
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
    for one in _stored(client, found.experiment_id, before):
        if one.is_dead or (one.content_name and not is_kept(one.content_name)):
            # Artifacts that a server keeps are asked for at its address, which is not this process's default store.
            repository = get_artifact_repository(one.location, tracking_uri=client.tracking_uri)
            size = _size(repository)
            removed |= {one.content_name: removed.get(one.content_name, 0) + size} if size else {}
            if size and not dry_run:
                repository.delete_artifacts()
    return dict(sorted(removed.items()))


def _stored(client: MlflowClient, experiment: str, before: float) -> Iterator[_Stored]:
    """What each run and each model keeps."""
    runs: list[Run] = list(
        _all_of(lambda token: client.search_runs([experiment], "", ViewType.ACTIVE_ONLY, PAGE, page_token=token))
    )
    dead = {run.info.run_id for run in runs if _never_finished(run, before)}
    # A source's run ends before the run of its model does.
    dead |= {run.info.run_id for run in runs if run.data.tags.get(PARENT) in dead}
    for run in runs:
        yield _Stored(run.data.tags.get(CONTENT_NAME, ""), run.info.artifact_uri, run.info.run_id in dead)
    models = _all_of(lambda token: client.search_logged_models([experiment], max_results=PAGE, page_token=token))
    for model in models:
        is_dead = model.source_run_id in dead or _is_half(model, before)
        yield _Stored(model.tags.get(CONTENT_NAME, ""), model.artifact_location, is_dead)


def _never_finished(run: Run, before: float) -> bool:
    return bool(run.info.status != _FINISHED and run.info.start_time < 1000 * before)


def _is_half(model: LoggedModel, before: float) -> bool:
    return bool(model.status != LoggedModelStatus.READY and model.creation_timestamp < 1000 * before)


def _all_of(page: Callable[[str | None], Any]) -> Iterator[Any]:
    """Everything that a search finds, page after page."""
    token = None
    while True:
        found = page(token)
        yield from found
        token = found.token
        if not token:
            return


def _size(repository: ArtifactRepository, path: str | None = None) -> int:
    listed = repository.list_artifacts(path)
    return sum(_size(repository, entry.path) if entry.is_dir else int(entry.file_size or 0) for entry in listed)
