"""A real MLflow server that keeps runs in a database and proxies artifacts, as docker/compose.yaml has it."""

import os
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.server import HOST, Server, free_port


class Mlflow:
    """One tracking server.

    Attributes
    ----------
    server
        Its processes.
    uri
        Its address.
    """

    def __init__(self, folder: Path, database: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.uri = f"http://{HOST}:{port}"
        environment = {
            **os.environ,
            # Not arguments: those are shown by ps.
            "MLFLOW_BACKEND_STORE_URI": database,
            "MLFLOW_ARTIFACTS_DESTINATION": str(folder / "artifacts"),
            "MLFLOW_SERVER_ALLOWED_HOSTS": f"{HOST}:*",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        command = [sys.executable, "-m", "mlflow", "server", "--host", HOST, "--port", str(port), "--workers", "1"]
        self.server = Server("mlflow", command, folder, lambda _: _answers(self.uri), environment)


@contextmanager
def running_mlflow(folder: Path, database: str) -> Iterator[Mlflow]:
    """A started server."""
    mlflow = Mlflow(folder, database)
    mlflow.server.start()
    try:
        yield mlflow
    finally:
        mlflow.server.stop()


def _answers(uri: str) -> bool:
    try:
        with urllib.request.urlopen(f"{uri}/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
