"""A lane whose online store, registries, runs and Spark are on real servers."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.deployment import EXECUTOR, Deployment, running_deployment
from tests.servers.nightly_app import NO_CODE
from tests.torture.nights.lane import Lane
from tests.torture.nights.registry import registry_of_server

DATABASES = ("feast", "mlflow")

Rows = dict[str, str]
"""All rows of each table of a database, as text."""


@dataclass
class ServerLane(Lane):
    """See `Lane`; what servers hold is brought back too.

    Of MLflow only the database: files of a run that it no longer knows stay, and are never asked for.

    Attributes
    ----------
    databases
        Rows of the databases of Feast's registry and of MLflow before each stage.
    stored
        What Redis held before each stage: of every key its value as Redis dumps it, and the milliseconds that it had
        left, 0 for no end.
    """

    deployment: Deployment = None  # type: ignore[assignment]  # always given; fields before it have defaults
    databases: dict[str, dict[str, Rows]] = field(default_factory=dict)
    stored: dict[str, dict[bytes, tuple[bytes, int]]] = field(default_factory=dict)

    def keep(self, stage: str) -> None:
        """See `Lane`."""
        super().keep(stage)
        redis, postgres = self.deployment.redis.client(), self.deployment.postgres
        self.stored[stage] = {key: (redis.dump(key), max(0, redis.pttl(key))) for key in redis.scan_iter()}
        self.databases[stage] = {name: dict(postgres.tables(name)) for name in DATABASES}

    def restore(self, stage: str) -> None:
        """See `Lane`."""
        super().restore(stage)
        self._fill_redis(self.stored[stage])
        for name, rows in self.databases[stage].items():
            self.deployment.postgres.fill(name, rows)

    def registry(self) -> str:
        """See `Lane`."""
        return registry_of_server(self.deployment.postgres.plain_url("mlflow"))

    def _fill_redis(self, stored: Mapping[bytes, tuple[bytes, int]]) -> None:
        redis = self.deployment.redis.client()
        redis.flushall()
        for key, (dumped, milliseconds) in stored.items():
            redis.restore(key, milliseconds, dumped)


@contextmanager
def server_lane(root: Path) -> Iterator[ServerLane]:
    """A lane on servers of its own, stopped at the end."""
    with running_deployment(root / "servers") as deployment:
        # The app's file sets local[2]; the environment wins.
        extra = {"NIGHTJAR__SPARK__EXTRA": json.dumps({**EXECUTOR, **NO_CODE})}
        yield ServerLane(root, {**deployment.variables, **extra}, deployment=deployment)
