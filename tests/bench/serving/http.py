"""Requests a second of `nightjar serve`, and of `feast serve` for the same columns, on one store, wrk beside them.

Run it alone by `python -m tests.bench.serving.http`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jobs.adapters.online.environment import feast_environment, repo_folder
from jobs.core.home import Home
from tests.bench.serving.place import APP, Place, make_place
from tests.bench.serving.steady import steady_p99_ms

N_USERS = 20_000
SECONDS = 15
CONNECTIONS = 32
WORKERS = 2
STEADY_RPS = 200
_SCRIPTS = Path(__file__).parent


def run(n_users: int = N_USERS, seconds: int = SECONDS) -> dict[str, float]:
    """Flat figures: requests a second, latencies in milliseconds, and ours / theirs.

    `http_p99_ms` is at the full load of 32 connections, more than the 2,000 a second it has to hold at;
    `http_p99_ms_at_200` is at 200 requests a second that come whether or not earlier ones were answered.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("the HTTP bench needs wrk; install the package wrk")
    with tempfile.TemporaryDirectory(prefix="bench-http-") as folder:
        place = make_place(Path(folder), n_users)
        figures = _ours(place, n_users, seconds)
        theirs = _theirs(place, n_users, seconds)
    return figures | theirs | {"http_rps_over_feast_serve": figures["http_rps"] / theirs["http_feast_serve_rps"]}


def _ours(place: Place, n_users: int, seconds: int) -> dict[str, float]:
    port, path = _free_port(), "/v1/users/u%06d/recommendations"
    command = [sys.executable, "-m", "jobs", "serve", "--app", APP, "--port", str(port), "--workers", str(WORKERS)]
    environment = {"NIGHTJAR_HOME": str(place.root), "BENCH_USERS": str(n_users), "BENCH_PATH": path}
    with _server(command, environment, port, "/readyz"):
        _wrk("ours.lua", environment, port, 3)
        load = _wrk("ours.lua", environment, port, seconds)
        both = _wrk("ours.lua", {**environment, "BENCH_PATH": "/v1/users/u%06d/predictions"}, port, seconds)
        steady = steady_p99_ms(port, [path % n for n in range(0, n_users, 7)], STEADY_RPS, seconds)
    return {
        "http_rps": load["rps"],
        "http_p50_ms": load["p50_ms"],
        "http_p99_ms": load["p99_ms"],
        "http_predictions_rps": both["rps"],
        "http_p99_ms_at_200": steady,
    }


def _theirs(place: Place, n_users: int, seconds: int) -> dict[str, float]:
    port = _free_port()
    feast = str(Path(sys.executable).parent / "feast")
    command = [feast, "-c", str(repo_folder()), "serve", "-p", str(port), "-w", str(WORKERS), "--no-access-log"]
    command += [
        "--max-requests",
        "0",
    ]  # by default its workers end after a thousand requests, and drop those under way
    views = {view.name: view for view in place.feast.list_feature_views()}
    names = [f"{view}:{f.name}" for view in ("user_serving", "recs_for_you") for f in views[view].features]
    environment = {
        **feast_environment(place.settings, Home(place.root, APP)),
        "BENCH_USERS": str(n_users),
        "BENCH_FEATURES": json.dumps(names),
    }
    with _server(command, environment, port, "/health"):
        _wrk("theirs.lua", environment, port, 3)
        load = _wrk("theirs.lua", environment, port, seconds)
    return {"http_feast_serve_rps": load["rps"], "http_feast_serve_p99_ms": load["p99_ms"]}


@contextmanager
def _server(command: Sequence[str], environment: dict[str, str], port: int, path: str) -> Iterator[None]:
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(server, f"http://127.0.0.1:{port}{path}", command)
            yield
        except SystemExit:
            log.seek(0)
            sys.stderr.write(log.read().decode()[-2000:])
            raise
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def _wait(server: subprocess.Popen[bytes], url: str, command: Sequence[str]) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.2)
    raise SystemExit(f"{' '.join(command)} does not answer at {url}")


def _wrk(script: str, environment: dict[str, str], port: int, seconds: int) -> dict[str, float]:
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "-s", str(_SCRIPTS / script)]
    told = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    found = json.loads(told.strip().splitlines()[-1])
    if found["bad"]:
        raise SystemExit(f"{found['bad']} of {found['requests']} requests of {script} failed")
    return {
        "rps": found["requests"] / found["us"] * 1e6,
        "p50_ms": found["p50_us"] / 1000,
        "p99_ms": found["p99_us"] / 1000,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
