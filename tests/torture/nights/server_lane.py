"""A lane whose online store, registry, runs and Spark are on real servers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.deployment import Deployment, running_deployment
from tests.torture.nights.fault import STAGES
from tests.torture.nights.lane import APP, Lane

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass
class ServerLane(Lane):
    """See `Lane`; of what servers hold, the store and Feast's registry are brought back too.

    A model is unknown before it is trained, and no champion before it is promoted.

    Attributes
    ----------
    registered
        Models that each stage has registered.
    stored
        What Redis held after each stage: of every key its value as Redis dumps it, and the milliseconds that it had
        left, 0 for no end.
    """

    deployment: Deployment = None  # type: ignore[assignment]  # always given; fields before it have defaults
    registered: dict[str, set[str]] = field(default_factory=dict)
    stored: dict[str, dict[bytes, tuple[bytes, int]]] = field(default_factory=dict)

    def restore(self, stage: str) -> None:
        """See `Lane`."""
        super().restore(stage)
        self._fill_redis(self.stored.get(STAGES[STAGES.index(stage) - 1], {}) if stage != STAGES[0] else {})
        for model in self.registered.get(stage, ()):
            self._forget(model)
        if STAGES.index(stage) <= STAGES.index("promote_models"):
            self._take_aliases()
        if STAGES.index(stage) <= STAGES.index("publish"):
            # The first publish meets a registry without a definition.
            self.deployment.postgres.empty("feast")

    def note(self, stage: str) -> None:
        """See `Lane`; what the store holds, and which models are new in the registry."""
        super().note(stage)
        redis = self.deployment.redis.client()
        self.stored[stage] = {key: (redis.dump(key), max(0, redis.pttl(key))) for key in redis.scan_iter()}
        known = {name for names in self.registered.values() for name in names}
        found = {model.name for model in self._mlflow.search_registered_models()}
        self.registered[stage] = found - known

    def _fill_redis(self, stored: Mapping[bytes, tuple[bytes, int]]) -> None:
        redis = self.deployment.redis.client()
        redis.flushall()
        for key, (dumped, milliseconds) in stored.items():
            redis.restore(key, milliseconds, dumped)

    @property
    def _mlflow(self) -> "MlflowClient":
        from mlflow import MlflowClient

        return MlflowClient(self.deployment.mlflow.uri, self.deployment.mlflow.uri)

    def _take_aliases(self) -> None:
        for model in self._mlflow.search_registered_models():
            for alias in self._mlflow.get_registered_model(model.name).aliases:
                self._mlflow.delete_registered_model_alias(model.name, alias)

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
