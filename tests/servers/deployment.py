"""The production profile on real servers of this machine: what docker/compose.yaml has, as processes."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from tests.bench.cluster import Cluster, started_cluster
from tests.redis_server import KEEPING, RedisServer, running_redis
from tests.servers.mlflow_server import Mlflow, running_mlflow
from tests.servers.postgres import Postgres, running_postgres

# Days of a few thousand rows do not repay the thorough compiler that the profile has for large ones.
QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-DontCompileHugeMethods"
EXECUTOR = {"spark.executor.memory": "1g", "spark.executor.extraJavaOptions": QUICK_JAVA}

DATABASES = ("airflow", "mlflow", "feast")


@dataclass(frozen=True)
class Deployment:
    """All servers but Airflow.

    Attributes
    ----------
    root
        Their folders, but for PostgreSQL's.
    secrets
        Made anew for every deployment, so that a test may look for them in what is written. PostgreSQL and Redis ask
        for theirs; the key makes pseudonyms; MLflow and a store of artifacts are told theirs and do not ask for them;
        the last is for whoever is alerted.
    """

    root: Path
    postgres: Postgres
    redis: RedisServer
    mlflow: Mlflow
    cluster: Cluster
    secrets: dict[str, str]

    @property
    def variables(self) -> dict[str, str]:
        """What `conf/production.yaml` leaves to the environment, and sizes that fit a small machine."""
        return {
            "NIGHTJAR_PROFILE": "production",
            "NIGHTJAR__ONLINE__REDIS": self.redis.address,
            "NIGHTJAR__ONLINE__REGISTRY": self.postgres.url("feast"),
            "NIGHTJAR__SPARK__MASTER": self.cluster.address,
            "NIGHTJAR__SPARK__DRIVER_MEMORY": "1g",
            "NIGHTJAR__SPARK__JAVA_OPTIONS": QUICK_JAVA,
            "NIGHTJAR__SPARK__EXTRA": json.dumps(EXECUTOR),
            "NIGHTJAR__SPARK__SHUFFLE_PARTITIONS": "2",
            "NIGHTJAR__TRACKING__URI": self.mlflow.uri,
            "NIGHTJAR__TRACKING__HASH_KEY": self.secrets["hash key"],
            "MLFLOW_TRACKING_USERNAME": "nightjar",
            "MLFLOW_TRACKING_PASSWORD": self.secrets["MLflow"],
            "AWS_ACCESS_KEY_ID": "nightjar",
            "AWS_SECRET_ACCESS_KEY": self.secrets["artifacts"],
        }


@contextmanager
def running_deployment(root: Path) -> Iterator[Deployment]:
    """Started servers with empty stores; all are stopped at the end.

    Raises
    ------
    NoServerError
        If one of them is not to be had on this machine.
    """
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres(DATABASES))
        planted = {name: token_hex(12) for name in ("Redis", "hash key", "MLflow", "artifacts", "hook")}
        planted["PostgreSQL"] = postgres.password
        redis = stack.enter_context(running_redis(root / "redis", KEEPING, planted["Redis"]))
        mlflow = stack.enter_context(running_mlflow(root / "mlflow", postgres.url("mlflow")))
        cluster = stack.enter_context(started_cluster(root / "spark"))
        yield Deployment(root, postgres, redis, mlflow, cluster, planted)


def without_ours(environment: dict[str, str] | None = None) -> dict[str, str]:
    """An environment without what would point Airflow, Feast, MLflow or us elsewhere."""
    taken = ("AIRFLOW", "FEAST", "MLFLOW", "NIGHTJAR")
    return {name: value for name, value in (environment or os.environ).items() if not name.startswith(taken)}
