"""`nightjar serve` as it is typed: a process that answers, says what it lacks, and ends with its workers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from served_store import serve

from jobs.adapters.online.registry import apply_registry
from jobs.core.config import load_settings
from jobs.core.errors import OnlineStoreError
from jobs.core.home import Home

pytestmark = pytest.mark.slow


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """Of a server over a store of sample's views without rows, as of a morning after its night."""
    settings, app = load_settings("sample"), Home(home, "sample")
    apply_registry(settings, app)
    serve(app, date(2025, 3, 1))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("nightjar")), "serve", "--app", "sample", "--port", str(port)]
    server = subprocess.Popen([*command, "--workers", "2", "--now", "2025-03-02T06:00"], env=dict(os.environ))
    yield f"http://127.0.0.1:{port}"
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) is not None


def ask(url: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:
            return reply.status, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def wait_for(url: str, seconds: float = 90.0) -> None:
    """Until the server listens."""
    until = time.monotonic() + seconds
    while True:
        try:
            ask(url)
        except OSError:
            assert time.monotonic() < until, f"nothing answers at {url}"
            time.sleep(0.2)
        else:
            return


def test_it_answers_everybody_and_says_that_no_list_is_there(address: str) -> None:
    wait_for(f"{address}/healthz")
    assert ask(f"{address}/healthz") == (200, {"status": "ok"})
    status, told = ask(f"{address}/readyz")
    assert (status, told["status"]) == (503, "empty")
    status, answer = ask(f"{address}/v1/users/nobody/recommendations")
    assert (status, answer["rung"], answer["items"]) == (200, "none", [])
    assert ask(f"{address}/v1/users/nobody/recommendations?surface=nope")[0] == 400


def test_an_app_that_was_never_published_is_told_what_to_do(home: Path) -> None:
    command = [str(Path(sys.executable).with_name("nightjar")), "serve", "--app", "sample", "--port", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == OnlineStoreError.exit_code
    assert "app 'sample' has no registry of Feast yet" in done.stderr
    assert "Traceback" not in done.stderr
