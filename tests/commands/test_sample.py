import argparse
from pathlib import Path

import pytest

from jobs.commands import sample

TINY = ["--users", "20", "--items", "10", "--days", "2"]


def _run(*flags: str) -> int:
    parser = argparse.ArgumentParser()
    sample.add_arguments(parser)
    return sample.run(parser.parse_args(list(flags)))


def test_a_second_call_is_unchanged(home: Path, capsys: pytest.CaptureFixture[str]):
    assert _run(*TINY) == 0
    assert "2 days in" in capsys.readouterr().out
    assert _run(*TINY) == 0
    assert "sample: unchanged, 2 days in" in capsys.readouterr().out
    assert sorted(path.name for path in (home / "input").iterdir()) == [
        "sample",
        "sample-items",
        "sample-truth",
        "sample-users",
    ]


def test_folders_and_first_day_can_be_chosen(tmp_path: Path):
    log, truth = tmp_path / "log", tmp_path / "elsewhere"
    assert _run(*TINY, "--out", str(log), "--truth", str(truth), "--first-day", "2024-02-29") == 0
    assert sorted(path.name for path in log.iterdir()) == ["2024-02-29.jsonl", "2024-03-01.jsonl"]
    assert (truth / "_sample.json").is_file()
