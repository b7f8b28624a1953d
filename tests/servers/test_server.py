"""Servers of tests: how one that does not start is told, and that nothing of one that is stopped goes on."""

import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.servers.server import PORTS, Server, free_port, listens

# A grandchild that leads a session of its own, as PostgreSQL's backends and Airflow's tasks do.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("child", child.pid, flush=True)
time.sleep(600)
"""


def server(folder: Path, code: str, ready: str) -> Server:
    return Server("small", [sys.executable, "-c", code], folder, lambda server: ready in server.said())


def test_one_that_does_not_start_says_why(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match=r"small has ended; command: .*small\.log ends:\nno room here"):
        server(tmp_path, "raise SystemExit('no room here')", ready="never").start()


def test_one_whose_start_is_broken_off_does_not_go_on(tmp_path: Path) -> None:
    seen: list[int] = []

    def break_off(starting: Server) -> bool:
        assert starting.process is not None
        seen.append(starting.process.pid)
        raise KeyboardInterrupt

    started = server(tmp_path, "import time; time.sleep(600)", ready="never")
    started.is_ready = break_off
    with pytest.raises(KeyboardInterrupt):
        started.start()
    assert [psutil.pid_exists(pid) for pid in seen] == [False]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_all_that_one_has_started_ends_with_it(tmp_path: Path, how: str) -> None:
    started = server(tmp_path, PARENT, ready="child").start()
    child = psutil.Process(int(started.said().split()[1]))

    getattr(started, how)()

    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    assert not started.has_ended, "what was stopped has not ended by itself"


def test_one_that_comes_back_is_ready_when_it_says_so_again(tmp_path: Path) -> None:
    started = server(tmp_path, "import time; time.sleep(0.5); print('ready', flush=True); time.sleep(600)", "ready")
    started.start()
    started.kill()
    begun = time.monotonic()
    started.start()
    assert time.monotonic() - begun > 0.5
    started.stop()
    assert started.log.read_text() == "ready\nready\n"


def test_a_free_port_is_none_of_those_for_outgoing_connections() -> None:
    ports = {free_port() for _ in range(20)}
    assert ports <= set(PORTS)
    assert len(ports) > 1
    assert not any(map(listens, ports))
