"""A Spark standalone cluster from the wheel: a master and two workers of one core, stopped at the end."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyspark

from jobs.adapters.spark.java import find_java, java_home

HOST = "127.0.0.1"
WORKERS = 2
START_SECONDS = 60


@contextmanager
def running_cluster(root: Path) -> Iterator[str]:
    """Address of a cluster whose workers have registered.

    Raises
    ------
    TimeoutError
        If it is not there within a minute; its logs are in `root`.
    """
    root.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    address = f"spark://{HOST}:{port}"
    master_log = root / "master.log"
    web = str(_free_port())
    started = [_start(root, master_log, "master.Master", "--host", HOST, "--port", str(port), "--webui-port", web)]
    try:
        _wait_for(master_log, "New state: ALIVE", 1)
        for number in range(WORKERS):
            log = root / f"worker-{number}.log"
            flags = ("--host", HOST, "--cores", "1", "--memory", "3g", "--webui-port", str(_free_port()))
            started.append(
                _start(root, log, "worker.Worker", *flags, "--work-dir", str(root / f"work-{number}"), address)
            )
        _wait_for(master_log, "Registering worker", WORKERS)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def _start(root: Path, log: Path, name: str, *flags: str) -> subprocess.Popen[bytes]:
    home = Path(pyspark.__file__).parent
    environment = {
        **os.environ,
        "JAVA_HOME": str(java_home(find_java(), root / "java")),
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
    }
    command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *flags]
    with log.open("wb") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)


def _wait_for(log: Path, text: str, times: int) -> None:
    until = time.monotonic() + START_SECONDS
    while log.read_text(errors="replace").count(text) < times:
        if time.monotonic() > until:
            raise TimeoutError(f"{log} does not say {text!r} {times} times within {START_SECONDS} s")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
