"""One Spark session for the whole run; it starts with the first test that asks for it."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis_server import RedisServer, running_redis
from spark_properties import OFTEN

# Native thread pools fight for the two cores of a small machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from jobs.adapters.spark.session import spark_session
    from jobs.core.config import load_settings

    # Small frames are done before their code is compiled; with OFTEN, real data, and nights as processes it is.
    is_compiled = OFTEN or "NIGHTJAR_ONLINE_RETAIL" in os.environ
    interpreted = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    settings = load_settings("sample").spark.model_copy(
        update={
            "master": "local[2]",
            "driver_memory": "2g",
            "shuffle_partitions": 2,
            "extra": {} if is_compiled else interpreted,
        }
    )
    # Its farewell comes when pytest has closed what it writes to.
    logging.getLogger("py4j").setLevel(logging.ERROR)
    session = spark_session(settings, tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One Redis for the whole run; a test that writes begins with an empty one."""
    with running_redis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty NIGHTJAR_HOME."""
    folder = tmp_path / "home"
    monkeypatch.setenv("NIGHTJAR_HOME", str(folder))
    return folder
