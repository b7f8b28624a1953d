"""The run log of a date, also where a disk was full in the middle of a line."""

from datetime import date
from pathlib import Path

import pytest

from jobs.adapters.run_log import RunLog

DAY = date(2025, 3, 3)


@pytest.mark.parametrize("kept", [1, 20, 40])
def test_a_line_that_was_cut_short_hides_none_of_the_others(tmp_path: Path, kept: int) -> None:
    runs = RunLog(tmp_path, DAY)
    runs.append("ingest_events", "done", 1.0, {"raw_events": 3})
    first = (tmp_path / f"{DAY}.jsonl").read_bytes()
    (tmp_path / f"{DAY}.jsonl").write_bytes(first + first[:kept])
    runs.append("clean_events", "done", 2.0, {})
    runs.append("build_features", "done", 3.0, {})
    assert [line["stage"] for line in runs.read()] == ["ingest_events", "clean_events", "build_features"]


def test_nothing_ran(tmp_path: Path) -> None:
    assert RunLog(tmp_path, DAY).read() == []
