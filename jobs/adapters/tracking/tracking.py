"""The one door to MLflow: track a training, register it once, mirror who is champion, fetch it back."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException

from jobs.adapters.tracking.packaging import DATA_FOLDER
from jobs.adapters.tracking.records import EvaluationRun, ModelRun
from jobs.adapters.tracking.runs import GATE, Runs
from jobs.adapters.tracking.served import kept_folder
from jobs.adapters.tracking.store import default_artifact_root, open_client
from jobs.adapters.tracking.versions import Versions
from jobs.core.errors import ModelError

CHAMPION = "champion"
CHALLENGER = "challenger"
EVALUATION = "evaluation"
GATE_REASON = "gate_reason"


@dataclass(frozen=True)
class Registered:
    """A model in the registry.

    Attributes
    ----------
    name, version
        Registered model and its version.
    run_id
        The run it came from.
    reused
        Whether the content name had been registered before.
    """

    name: str
    version: str
    run_id: str
    reused: bool


class Tracking:
    """MLflow for one app.

    Parameters
    ----------
    uri
        ``sqlite:///<path>``, created where it is missing, or the address of a tracking server.
    app
        Name of the app: prefix of experiments and registered models.
    cache
        Folder for models fetched back, by content name.
    artifact_root
        Where new experiments put artifacts; None leaves it to the server, and with SQLite puts them
        beside the database.

    Raises
    ------
    ModelError
        If the store cannot be opened.
    """

    def __init__(self, uri: str, app: str, cache: Path, artifact_root: str | None = None) -> None:
        self._artifact_root = artifact_root or default_artifact_root(uri)
        self._client = open_client(uri, self._artifact_root)
        self._uri = uri
        self._app = app
        self._cache = cache

    def register(self, record: ModelRun) -> Registered:
        """Log a training and register its model; a content name that is there already is left as it is.

        A process may die anywhere in here: the next call marks what it left running as killed, and
        goes on from the last complete step.

        Parameters
        ----------
        record
            The training. It is not compared with an earlier one of the same content name.
        """
        versions = Versions(self._client, self._app, record.role)
        runs = Runs(self._client, self._app, record.role, self._artifact_root)
        runs.sweep(record.content_name)
        if versions.find(record.content_name) is not None:
            found = versions.settle(record.content_name)
            return Registered(versions.name, str(found.version), found.run_id, reused=True)
        run = runs.finished(record.content_name) or runs.log(record)
        made = versions.create(record.content_name, run, record.model_card)
        return Registered(versions.name, str(made.version), made.run_id, reused=False)

    def log_evaluation(self, record: EvaluationRun) -> str:
        """Log what was asked for by hand, apart from the nights: in the experiment ``<app>/evaluation``.

        What others that were killed left running there is marked as killed: nobody runs one again that died.

        Returns
        -------
        str
            Id of the run.
        """
        runs = Runs(self._client, self._app, EVALUATION, self._artifact_root)
        runs.sweep()
        return str(runs.log_evaluation(record).info.run_id)

    def set_champion(self, role: str, content_name: str) -> None:
        """Mirror for people who is served; the lake's ``champions`` table is what stages read.

        Raises
        ------
        ModelError
            If the content name is not registered.
        """
        Versions(self._client, self._app, role).set_alias(CHAMPION, content_name)

    def champion(self, role: str) -> str | None:
        """Content name of the version that the alias is at; None where there is none. For people, as the alias is."""
        return Versions(self._client, self._app, role).aliased(CHAMPION)

    def set_challenger(self, role: str, content_name: str) -> None:
        """Mirror for people who was trained last. Raises as `set_champion`."""
        Versions(self._client, self._app, role).set_alias(CHALLENGER, content_name)

    def record_gate(
        self,
        role: str,
        content_name: str,
        promoted: bool,
        reason: str,
        numbers: Mapping[str, float] | None = None,
    ) -> None:
        """Tag version and run with what the gate said.

        Parameters
        ----------
        role, content_name
            The challenger.
        promoted, reason
            The answer.
        numbers
            What it rests on: a tag ``gate.<name>`` each. Those of groups, ``<group>.<name>``, stay in the table:
            they are many, and a log's country may be no name of a tag.

        Raises
        ------
        ModelError
            If the content name is not registered.
        """
        version = Versions(self._client, self._app, role).settle(content_name)
        told = {GATE: "promoted" if promoted else "refused", GATE_REASON: reason}
        told |= {f"{GATE}.{name}": f"{value:.6g}" for name, value in (numbers or {}).items() if "." not in name}
        for key, value in told.items():
            self._client.set_model_version_tag(version.name, version.version, key, value)
            self._client.set_tag(version.run_id, key, value)

    def load_folder(self, role: str, content_name: str) -> Path:
        """The folder that the model's ``save`` wrote, fetched once and then kept.

        Raises
        ------
        ModelError
            If the content name is not registered, or its files are gone.
        """
        kept = kept_folder(self._cache, self._app, role, content_name)
        if not kept.exists():
            location = Versions(self._client, self._app, role).artifact_location(content_name)
            self._fetch(f"{location}/{DATA_FOLDER}", kept)
        return kept

    def _fetch(self, artifact_uri: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".fetch-") as scratch:
            try:
                fetched = download_artifacts(artifact_uri, dst_path=scratch, tracking_uri=self._uri)
            except (MlflowException, OSError) as error:
                raise ModelError(f"cannot fetch the model files {artifact_uri}: {error}") from error
            _rename_unless_there(Path(fetched), target)


def _rename_unless_there(source: Path, target: Path) -> None:
    try:
        source.rename(target)
    except OSError:
        # Another process was first; a content name says that its copy is the same.
        if not target.is_dir():
            raise
