"""Notes of who runs, where containers share a home."""

import socket
from datetime import date
from pathlib import Path

import pytest

from jobs.adapters.running import noted_as_running, running_stages

DAY = date(2025, 3, 3)


def test_processes_of_one_number_on_two_hosts_have_a_note_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "one")
    with noted_as_running(tmp_path, "publish", DAY):
        monkeypatch.setattr(socket, "gethostname", lambda: "two")
        with noted_as_running(tmp_path, "publish", DAY):
            assert sorted(one.host for one in running_stages(tmp_path)) == ["one", "two"]
        assert [one.host for one in running_stages(tmp_path)] == ["one"]
    assert running_stages(tmp_path) == []
