"""Runs: one for each model that was trained, with a child for each source it was compared with."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlflow.entities import Dataset, DatasetInput, LoggedModelOutput, Run
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.contents import write_attachments, write_values
from jobs.adapters.tracking.packaging import save_packaged
from jobs.adapters.tracking.records import EvaluationRun, ModelRun, SourceRun, TrainingData
from jobs.core.errors import ModelError

CONTENT_NAME = "content_name"
KIND = "kind"
KIND_MODEL = "model"
KIND_SOURCE = "source"
GATE = "gate"
PENDING = "pending"
KIND_EVALUATION = "evaluation"

SOURCE_TAGS = {"mlflow.source.name": "nightjar", "mlflow.source.type": "JOB"}

# Without it MLflow's UI opens the pages for language models.
EXPERIMENT_TAGS = {"mlflow.experimentKind": "custom_model_development"}

PARENT = "mlflow.parentRunId"  # by which the UI shows a run below another
NOTE = "mlflow.note.content"  # the description that the UI shows on a run's page
NOTE_LENGTH = 5000  # characters that MLflow's database keeps of a description
DIGEST_LENGTH = 36  # characters that MLflow's database keeps of a data set's digest


class Runs:
    """The runs of one role, in the experiment ``<app>/<role>``.

    Parameters
    ----------
    client
        An open store.
    app, role
        Name of the experiment.
    artifact_root
        Folder or address for the artifacts of a new experiment; None leaves it to the server.
    """

    def __init__(self, client: MlflowClient, app: str, role: str, artifact_root: str | None) -> None:
        self._client = client
        self._app = app
        self._role = role
        self._experiment = self._find_experiment(artifact_root)

    def finished(self, content_name: str) -> Run | None:
        """The complete run of a model, or None. A run is finished only after all of it was written."""
        found = self._search(content_name, f"tags.{KIND} = '{KIND_MODEL}' and attributes.status = 'FINISHED'")
        return found[0] if found else None

    def sweep(self, content_name: str | None = None) -> int:
        """Mark the runs that a killed process left running, and return how many there were.

        One that lives is marked too, until it ends, which says so anew.

        Parameters
        ----------
        content_name
            Of the runs; None for all of the experiment.
        """
        left = self._search(content_name, "attributes.status = 'RUNNING'")
        for run in left:
            self._client.set_terminated(run.info.run_id, status="KILLED")
        return len(left)

    def log(self, record: ModelRun) -> Run:
        """Write a run with everything in it; a failure on the way leaves it as failed."""
        with self._open(record.content_name, record.content_name, KIND_MODEL, self._tags(record)) as run_id:
            self._fill(run_id, record)
        return self._client.get_run(run_id)

    def log_evaluation(self, record: EvaluationRun) -> Run:
        """Write a run of which no model comes; a failure on the way leaves it as failed."""
        with self._open(record.content_name, record.content_name, KIND_EVALUATION, record.tags) as run_id:
            write_values(self._client, run_id, record.params, record.metrics)
            for source in record.sources:
                self._log_source(run_id, record, source)
            write_attachments(self._client, run_id, record)
        return self._client.get_run(run_id)

    def _fill(self, run_id: str, record: ModelRun) -> None:
        model_id = self._log_model(run_id, record)
        write_values(self._client, run_id, record.params, record.metrics, model_id)
        self._client.log_inputs(run_id, [_dataset_input(record.training_data)])
        for source in record.sources:
            self._log_source(run_id, record, source)
        self._client.log_text(run_id, record.model_card, "model_card.md")
        write_attachments(self._client, run_id, record)

    def _log_source(self, parent_id: str, parent: ModelRun | EvaluationRun, source: SourceRun) -> None:
        tags = {**parent.tags, PARENT: parent_id, NOTE: source.note[:NOTE_LENGTH]}
        with self._open(parent.content_name, source.name, KIND_SOURCE, tags) as run_id:
            write_values(self._client, run_id, source.params, source.metrics)
            write_attachments(self._client, run_id, source)

    def _log_model(self, run_id: str, record: ModelRun) -> str:
        logged = self._client.create_logged_model(
            self._experiment,
            name=record.content_name.replace("/", "-"),
            source_run_id=run_id,
            tags={CONTENT_NAME: record.content_name},
            params={name: str(value) for name, value in record.params.items()},
        )
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "packaged"
            save_packaged(record.model, folder, logged.model_id, run_id)
            self._client.log_model_artifacts(logged.model_id, str(folder))
        self._client.finalize_logged_model(logged.model_id, "READY")
        self._client.log_outputs(run_id, [LoggedModelOutput(model_id=logged.model_id, step=0)])
        return str(logged.model_id)

    @contextmanager
    def _open(self, content_name: str, name: str, kind: str, tags: Mapping[str, str]) -> Iterator[str]:
        run_id = self._start(content_name, name, kind, tags)
        try:
            yield run_id
        except BaseException:
            self._client.set_terminated(run_id, status="FAILED")
            raise
        self._client.set_terminated(run_id)

    def _start(self, content_name: str, name: str, kind: str, tags: Mapping[str, str]) -> str:
        own = {CONTENT_NAME: content_name, KIND: kind, "app": self._app, "role": self._role, **SOURCE_TAGS}
        run = self._client.create_run(self._experiment, run_name=name, tags={**tags, **own})
        return str(run.info.run_id)

    def _tags(self, record: ModelRun) -> dict[str, str]:
        shown = {
            # A run of which the gate was never asked says so, instead of having no tag to filter by.
            GATE: PENDING,
            NOTE: record.model_card[:NOTE_LENGTH],
            "mlflow.source.git.commit": record.tags.get("code_commit", ""),
        }
        return {**record.tags, **shown}

    def _search(self, content_name: str | None, condition: str) -> list[Run]:
        named = "" if content_name is None else f"tags.{CONTENT_NAME} = '{content_name}' and "
        return list(
            self._client.search_runs(
                [self._experiment],
                f"{named}{condition}",
                order_by=["attributes.start_time ASC", "attributes.run_id ASC"],
            )
        )

    def _find_experiment(self, artifact_root: str | None) -> str:
        name = f"{self._app}/{self._role}"
        found = self._client.get_experiment_by_name(name)
        if found is None:
            location = None if artifact_root is None else f"{artifact_root}/{name}"
            return str(self._client.create_experiment(name, artifact_location=location, tags=EXPERIMENT_TAGS))
        if found.lifecycle_stage != "active":
            raise ModelError(
                f"the MLflow experiment '{name}' was deleted; "
                f"bring it back with `mlflow experiments restore --experiment-id {found.experiment_id}`"
            )
        return str(found.experiment_id)


def _dataset_input(data: TrainingData) -> DatasetInput:
    digest = data.digest[:DIGEST_LENGTH]
    return DatasetInput(Dataset(data.name, digest, source_type="lake", source=data.source), tags=[])
