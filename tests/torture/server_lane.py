"""A lane whose online store, registry, runs and Spark are on real servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.deployment import Deployment, running_deployment
from tests.torture.lane import APP, Lane

_ROLES = {"train_recommender": "recommender", "train_churn": "churn"}


@dataclass
class ServerLane(Lane):
    """See `Lane`; what servers hold is emptied where a copy of the home cannot bring it back."""

    deployment: Deployment = None  # type: ignore[assignment]  # always given; fields before it have defaults

    def restore(self, stage: str) -> None:
        """See `Lane`: the store is empty again before a publish, a model unknown before it is trained."""
        super().restore(stage)
        if stage == "publish":
            self._empty_redis()
        if stage in _ROLES:
            self._forget(_ROLES[stage])

    def _empty_redis(self) -> None:
        from redis import Redis

        host, port = self.deployment.redis.address.split(":")
        Redis(host, int(port)).flushall()

    def _forget(self, role: str) -> None:
        from mlflow import MlflowClient

        client = MlflowClient(self.deployment.mlflow.uri, self.deployment.mlflow.uri)
        client.delete_registered_model(f"{APP}.{role}")
        experiment = client.get_experiment_by_name(f"{APP}/{role}")
        for run in client.search_runs([experiment.experiment_id]) if experiment else []:
            client.delete_run(run.info.run_id)


@contextmanager
def server_lane(root: Path) -> Iterator[ServerLane]:
    """A lane on servers of its own, stopped at the end."""
    with running_deployment(root / "servers") as deployment:
        # The app's file sets local[2]; the environment wins.
        yield ServerLane(root, deployment.variables, deployment=deployment)
