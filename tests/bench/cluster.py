"""A Spark standalone cluster from the wheel: a master and workers of one core, stopped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

from jobs.adapters.spark.java import find_java, java_home
from tests.servers.server import HOST, Server, free_port

WORKERS = 2


@dataclass(frozen=True)
class Cluster:
    """A running cluster.

    Attributes
    ----------
    address
        ``spark://host:port``.
    workers
        Their processes; each starts its executors as children.
    """

    address: str
    workers: tuple[Server, ...]


@contextmanager
def running_cluster(root: Path) -> Iterator[str]:
    """Address of a cluster whose workers have registered.

    Raises
    ------
    TimeoutError
        If it is not there in time; its logs are in `root`.
    """
    with started_cluster(root) as cluster:
        yield cluster.address


@contextmanager
def started_cluster(root: Path, n_workers: int = WORKERS) -> Iterator[Cluster]:
    """The cluster with the processes of its workers, for those who want to take one away."""
    root.mkdir(parents=True, exist_ok=True)
    port = free_port()
    address = f"spark://{HOST}:{port}"
    flags = ("--host", HOST, "--port", str(port), "--webui-port", str(free_port()))
    master = _server(root, "master", "master.Master", "New state: ALIVE", *flags)
    workers = tuple(_worker(root, number, address) for number in range(n_workers))
    try:
        for server in (master, *workers):
            server.start()
        yield Cluster(address, workers)
    finally:
        for server in reversed((master, *workers)):
            server.stop()


def _worker(root: Path, number: int, address: str) -> Server:
    flags = ("--host", HOST, "--cores", "1", "--memory", "3g", "--webui-port", str(free_port()))
    folder = str(root / f"work-{number}")
    return _server(
        root, f"worker-{number}", "worker.Worker", "registered with master", *flags, "--work-dir", folder, address
    )


def _server(root: Path, name: str, main: str, ready: str, *flags: str) -> Server:
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "JAVA_HOME": str(java_home(find_java(), root / "java")),
        "SPARK_HOME": str(home),
        # They only pass messages; executors have options of their own.
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "SPARK_LOCAL_IP": HOST,
    }
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{main}", *flags]
    return Server(name, command, root, lambda server: ready in server.said(), environment)
