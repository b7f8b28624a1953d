"""A lane whose online store, registry, runs and Spark are on real servers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.deployment import Deployment, running_deployment
from tests.torture.nights.fault import STAGES
from tests.torture.nights.lane import APP, Lane
from tests.torture.nights.registry import registry_of_server

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass
class ServerLane(Lane):
    """See `Lane`; of what servers hold, the store and Feast's registry are brought back too.

    A model is unknown before it is trained, and aliases are where they were.

    Attributes
    ----------
    registered
        Models that each stage has registered.
    aliases
        After each stage the version at each alias of each model.
    stored
        What Redis held after each stage: of every key its value as Redis dumps it, and the milliseconds that it had
        left, 0 for no end.
    """

    deployment: Deployment = None  # type: ignore[assignment]  # always given; fields before it have defaults
    registered: dict[str, set[str]] = field(default_factory=dict)
    aliases: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    stored: dict[str, dict[bytes, tuple[bytes, int]]] = field(default_factory=dict)
    _stage: str = STAGES[0]

    def restore(self, stage: str) -> None:
        """See `Lane`."""
        super().restore(stage)
        self._stage = stage
        before = STAGES[STAGES.index(stage) - 1] if stage != STAGES[0] else ""
        self._fill_redis(self.stored.get(before, {}))
        for model in self.registered.get(stage, ()):
            self._forget(model)
        self._put_aliases(self.aliases.get(before, {}))
        if STAGES.index(stage) <= STAGES.index("publish"):
            # The first publish meets a registry without a definition.
            self.deployment.postgres.empty("feast")

    def note(self, stage: str) -> None:
        """See `Lane`; what the store holds, and which models are new in the registry."""
        self._stage = stage
        super().note(stage)
        redis = self.deployment.redis.client()
        self.stored[stage] = {key: (redis.dump(key), max(0, redis.pttl(key))) for key in redis.scan_iter()}
        known = {name for names in self.registered.values() for name in names}
        found = {model.name for model in self._mlflow.search_registered_models()}
        self.registered[stage] = found - known
        self.aliases[stage] = self._aliases()

    def registry(self) -> str:
        """See `Lane`; of models that are known by the end of the stage: those of later ones stay on the server."""
        later = {name for stage in STAGES[STAGES.index(self._stage) + 1 :] for name in self.registered.get(stage, ())}
        return registry_of_server(self.deployment.postgres.plain_url("mlflow"), later)

    def _fill_redis(self, stored: Mapping[bytes, tuple[bytes, int]]) -> None:
        redis = self.deployment.redis.client()
        redis.flushall()
        for key, (dumped, milliseconds) in stored.items():
            redis.restore(key, milliseconds, dumped)

    @property
    def _mlflow(self) -> "MlflowClient":
        from mlflow import MlflowClient

        return MlflowClient(self.deployment.mlflow.uri, self.deployment.mlflow.uri)

    def _aliases(self) -> dict[tuple[str, str], str]:
        names = [model.name for model in self._mlflow.search_registered_models()]
        # A search does not show them.
        told = {name: self._mlflow.get_registered_model(name).aliases for name in names}
        return {(name, alias): version for name in names for alias, version in told[name].items()}

    def _put_aliases(self, wanted: Mapping[tuple[str, str], str]) -> None:
        for name, alias in self._aliases().keys() - wanted.keys():
            self._mlflow.delete_registered_model_alias(name, alias)
        for (name, alias), version in wanted.items():
            self._mlflow.set_registered_model_alias(name, alias, version)

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
