"""Registered models: each challenger is one version of ``<app>.<role>``, found by its content name."""

from mlflow.entities import Run
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import (
    INVALID_PARAMETER_VALUE,
    RESOURCE_ALREADY_EXISTS,
    RESOURCE_DOES_NOT_EXIST,
    ErrorCode,
)
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.runs import CONTENT_NAME, NOTE_LENGTH
from jobs.core.errors import ModelError


class Versions:
    """The versions of one registered model.

    Parameters
    ----------
    client
        An open store.
    app, role
        The registered model is ``<app>.<role>``.
    """

    def __init__(self, client: MlflowClient, app: str, role: str) -> None:
        self._client = client
        self.name = f"{app}.{role}"

    def find(self, content_name: str) -> ModelVersion | None:
        """The version with a content name, or None; the first while a race has made two."""
        return next(iter(self._named(content_name)), None)

    def get(self, content_name: str) -> ModelVersion:
        """The version with a content name.

        Raises
        ------
        ModelError
            If there is none.
        """
        found = self.find(content_name)
        if found is None:
            raise self._missing(content_name)
        return found

    def settle(self, content_name: str) -> ModelVersion:
        """The version with a content name, alone: what copies of its training registered after it goes.

        Each copy takes back its own, unless it is killed before; so does whoever writes about the name next.

        Raises
        ------
        ModelError
            If there is none.
        """
        found = self._named(content_name)
        if not found:
            raise self._missing(content_name)
        for late in found[1:]:
            self._remove(late)
        return found[0]

    def create(self, content_name: str, run: Run, card: str) -> ModelVersion:
        """Register the model of a finished run as a new version; the one that is there if a copy was sooner."""
        self._ensure_registered()
        model_id = run.outputs.model_outputs[0].model_id
        self._client.create_model_version(
            self.name,
            # Not "models:/<id>": MLflow looks that up in the process's default store, not in this one.
            source=self._client.get_logged_model(model_id).artifact_location,
            run_id=run.info.run_id,
            model_id=model_id,
            tags={CONTENT_NAME: content_name},
            description=card[:NOTE_LENGTH],
        )
        # Two copies of a training may have looked at the same moment, and neither found one.
        return self.settle(content_name)

    def set_alias(self, alias: str, content_name: str) -> None:
        """Point an alias at the version with a content name; it leaves the version it was at."""
        self._client.set_registered_model_alias(self.name, alias, str(self.settle(content_name).version))

    def aliased(self, alias: str) -> str | None:
        """Content name of the version that an alias is at, or None where there is none."""
        try:
            version = self._client.get_model_version_by_alias(self.name, alias)
        except MlflowException as error:
            if error.error_code in (ErrorCode.Name(RESOURCE_DOES_NOT_EXIST), ErrorCode.Name(INVALID_PARAMETER_VALUE)):
                return None
            raise
        return str(version.tags.get(CONTENT_NAME, "")) or None

    def artifact_location(self, content_name: str) -> str:
        """Where the packaged model of a content name lies."""
        return str(self._client.get_model_version_download_uri(self.name, self.get(content_name).version))

    def _named(self, content_name: str) -> list[ModelVersion]:
        """Versions with a content name, the first one first; more than one only after a race."""
        found = self._client.search_model_versions(f"name = '{self.name}' and tags.{CONTENT_NAME} = '{content_name}'")
        return sorted(found, key=lambda version: int(version.version))

    def _missing(self, content_name: str) -> ModelError:
        return ModelError(
            f"MLflow has no version of '{self.name}' with content name '{content_name}'; "
            "train_model of its run date registers it"
        )

    def _remove(self, late: ModelVersion) -> None:
        try:
            self._client.delete_model_version(self.name, str(late.version))
        except MlflowException as error:
            # Two may remove it at once.
            if error.error_code != ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
                raise

    def _ensure_registered(self) -> None:
        try:
            self._client.create_registered_model(self.name)
        except MlflowException as error:
            if error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
