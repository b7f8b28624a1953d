"""What the page works out of measured nights, and that the bench's night still runs at a tiny scale."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jobs.core.config import load_settings
from jobs.datasets import recommender_training
from jobs.datasets.predictions import PREDICTIONS, label_cuts
from jobs.sample.folders import Folders
from tests.bench.night import APP
from tests.bench.night_log import BASE, NightLog
from tests.bench.night_needs import Growth, needs_of
from tests.bench.night_page import needs_section, stages_section
from tests.bench.night_whole import STAGES_OF_NIGHT, Night
from tests.bench.same_outputs.outputs import HOLDOUT, TRAIN

_PROJECT = Path(__file__).parents[2]


def measured(users: int, scale: str, seconds: float, gib: float) -> dict[str, Any]:
    stages = {
        f"night_{scale}_{stage}_{name}": value
        for stage in STAGES_OF_NIGHT
        for name, value in (("seconds", seconds), ("peak_gib", gib))
    }
    return {**stages, f"night_{scale}_users": users, f"night_{scale}_store_gib": users / 1e6}


def test_ten_days_hold_as_many_windows_as_a_usual_night_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = Folders(log=tmp_path / "log", truth=tmp_path / "truth")
    night = Night.of(tmp_path / "night", NightLog(folders, 0, BASE.first_day, BASE.date_of(BASE.days - 1)))
    for name, value in night.app.environment.items():
        monkeypatch.setenv(name, value)
    settings, day = load_settings(APP), night.log.night
    assert len(recommender_training.label_cuts(settings, day)) == settings.recommender.ranker.windows + 1
    for told in PREDICTIONS.values():
        assert {"holdout", "train"} <= set(label_cuts(settings, day, told).values()), told.name
    churn = {(day - cut).days: split for cut, split in label_cuts(settings, day, PREDICTIONS["churn"]).items()}
    assert (HOLDOUT, *TRAIN) == tuple(ago for ago, split in churn.items() if split != "between")


def test_a_stage_grows_by_the_line_through_two_nights() -> None:
    growth = Growth.between((100_000, 20.0, 1.0), (1_000_000, 110.0, 1.9))
    assert growth.seconds_at(0) == pytest.approx(10)
    assert growth.seconds_at(10_000_000) == pytest.approx(1010)
    assert growth.gib_at(10_000_000) == pytest.approx(10.9)


def test_what_falls_with_users_is_taken_as_fixed() -> None:
    growth = Growth.between((100_000, 30.0, 2.0), (1_000_000, 20.0, 1.5))
    assert (growth.seconds_at(10_000_000), growth.gib_at(10_000_000)) == (20.0, 1.5)


def test_machines_share_what_one_process_leaves_of_the_night() -> None:
    results = measured(100_000, "100k", 10, 1) | measured(1_000_000, "1m", 100, 1)
    few, many = needs_of(results, 1_000_000), needs_of(results, 100_000_000)
    assert few.hours == pytest.approx(len(STAGES_OF_NIGHT) * 100 / 3600)
    assert few.machines == 1
    assert many.machines is None, "a stage of one process takes longer than the night"
    assert many.missing == "time"
    assert many.store_gib == pytest.approx(100)


def test_no_number_of_machines_is_enough_where_one_process_needs_more_memory_than_a_machine_has() -> None:
    results = measured(100_000, "100k", 1, 1) | measured(1_000_000, "1m", 1, 10)
    told = needs_of(results, 10_000_000)
    assert (told.machines, told.missing, told.gib) == (None, "memory", pytest.approx(100))
    assert any("none: one process needs more memory" in line for line in needs_section(results))


def test_the_page_says_what_was_measured_and_what_follows() -> None:
    results = measured(10_000, "10k", 10, 1) | measured(100_000, "100k", 19, 2)
    stages = stages_section(results)
    assert "| 10 s, 1.0 GiB | 19 s, 2.0 GiB | 100 s, 11.1 GiB |" in stages[2]
    assert len([line for line in stages if line.startswith("| `")]) == len(STAGES_OF_NIGHT)
    assert [line.split(" | ")[0] for line in needs_section(results)[5:8]] == [
        "| 1,000,000",
        "| 10,000,000",
        "| 100,000,000",
    ]


@pytest.mark.long
def test_a_tiny_night_is_measured_stage_by_stage(tmp_path: Path) -> None:
    command = ["-m", "tests.bench.bench_night", "--parts", "10k", "--users", "400"]
    folders = ["--root", str(tmp_path), "--results", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *command, *folders], cwd=_PROJECT, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads((tmp_path / "night.json").read_text())
    assert {f"night_10k_{stage}_seconds" for stage in STAGES_OF_NIGHT} <= set(figures)
    assert figures["night_10k_users"] > 200
    assert figures["night_10k_listed_rows"] > 20 * figures["night_10k_users"]
    assert not list((tmp_path / "work").iterdir()), "homes of a night that has been measured are removed"
