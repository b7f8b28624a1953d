"""A lane whose online store, registry, runs and Spark are on real servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.deployment import Deployment, running_deployment
from tests.torture.nights.lane import APP, Lane

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass
class ServerLane(Lane):
    """See `Lane`; what servers hold is emptied where a copy of the home cannot bring it back.

    Attributes
    ----------
    registered
        Models that each stage has registered.
    """

    deployment: Deployment = None  # type: ignore[assignment]  # always given; fields before it have defaults
    registered: dict[str, set[str]] = field(default_factory=dict)

    def restore(self, stage: str) -> None:
        """See `Lane`: the store is empty again before a publish, a model unknown before it is trained."""
        super().restore(stage)
        if stage == "publish":
            self._empty_redis()
        for model in self.registered.get(stage, ()):
            self._forget(model)

    def note(self, stage: str) -> None:
        """See `Lane`; which models are new in the registry."""
        super().note(stage)
        known = {name for names in self.registered.values() for name in names}
        found = {model.name for model in self._mlflow.search_registered_models()}
        self.registered[stage] = found - known

    def _empty_redis(self) -> None:
        self.deployment.redis.client().flushall()

    @property
    def _mlflow(self) -> "MlflowClient":
        from mlflow import MlflowClient

        return MlflowClient(self.deployment.mlflow.uri, self.deployment.mlflow.uri)

    def _forget(self, model: str) -> None:
        client = self._mlflow
        client.delete_registered_model(model)
        experiment = client.get_experiment_by_name(f"{APP}/{model.removeprefix(f'{APP}.')}")
        for run in client.search_runs([experiment.experiment_id]) if experiment else []:
            client.delete_run(run.info.run_id)


@contextmanager
def server_lane(root: Path) -> Iterator[ServerLane]:
    """A lane on servers of its own, stopped at the end."""
    with running_deployment(root / "servers") as deployment:
        # The app's file sets local[2]; the environment wins.
        yield ServerLane(root, deployment.variables, deployment=deployment)
