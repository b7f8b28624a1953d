"""A store of MLflow for each test, and what reads it."""

import pytest
from mlflow.tracking import MlflowClient

from jobs.adapters.tracking.tracking import Tracking


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory):
    """A store made once: its tables take seconds."""
    database = tmp_path_factory.mktemp("store") / "mlflow.db"
    Tracking(f"sqlite:///{database}", "sample", database.parent / "cache")
    return database.read_bytes()


@pytest.fixture
def home(tmp_path, empty_store):
    (tmp_path / "mlflow.db").write_bytes(empty_store)
    return tmp_path


@pytest.fixture
def tracking(home):
    return Tracking(f"sqlite:///{home}/mlflow.db", "sample", home / "cache")


@pytest.fixture
def client(home):
    return MlflowClient(f"sqlite:///{home}/mlflow.db", f"sqlite:///{home}/mlflow.db")
