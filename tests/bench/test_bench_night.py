"""What the page works out of measured nights, and that the bench's night still runs at a tiny scale."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from jobs.core.config import load_settings
from jobs.datasets import recommender_training
from jobs.datasets.predictions import PREDICTIONS, label_cuts
from jobs.sample.folders import Folders
from tests.bench.night import APP, BenchApp
from tests.bench.night_growth import DOUBLING, Growth, Speed
from tests.bench.night_log import BASE, NightLog
from tests.bench.night_needs import GIB, HOURS, ROOM, plan_of
from tests.bench.night_needs_page import needs_section
from tests.bench.night_page import stages_section, workers_section
from tests.bench.night_redis import run_redis
from tests.bench.night_whole import STAGES_OF_NIGHT, Night
from tests.bench.night_workers import STAGES, WORKERS
from tests.bench.processes import Measured
from tests.bench.same_outputs.outputs import HOLDOUT, TRAIN

_PROJECT = Path(__file__).parents[2]


def measured(users: int, scale: str, seconds: float, gib: float) -> dict[str, Any]:
    stages = {
        f"night_{scale}_{stage}_{name}": value
        for stage in STAGES_OF_NIGHT
        for name, value in (("seconds", seconds), ("peak_gib", gib))
    }
    return {**stages, f"night_{scale}_users": users}


def with_workers(seconds: tuple[float, float, float]) -> dict[str, Any]:
    """Part `workers` of the scale of 100 thousand, on one, two and four."""
    told: dict[str, Any] = {}
    for number, found in zip(WORKERS, seconds, strict=True):
        name = f"night_100k_workers_{number}"
        told |= {f"{name}_{stage}_seconds": found / len(STAGES) for stage in STAGES}
        told |= {f"{name}_seconds": found, f"{name}_peak_gib": float(number)}
    return told


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


def test_one_app_on_one_machine_is_enough_for_a_million() -> None:
    results = measured(100_000, "100k", 10, 1) | measured(1_000_000, "1m", 100, 2)
    plan = plan_of(results, 1_000_000)
    assert plan
    assert (plan.apps, plan.app.users, plan.machines) == (1, 1_000_000, 1)
    assert plan.app.hours < len(STAGES_OF_NIGHT) * 100 / 3600, "sixteen cores are faster than the measured two"


def test_people_are_divided_until_one_process_fits_into_a_machine() -> None:
    results = measured(100_000, "100k", 1, 1) | measured(1_000_000, "1m", 1, 10)
    plan = plan_of(results, 10_000_000)
    assert plan
    assert (plan.apps, plan.app.users, plan.machines) == (2, 5_000_000, 2), "10 GiB a million, 51 in a machine"
    assert plan.app.limit[0] == "memory"
    assert max(plan.app.gib.values()) == pytest.approx(50)
    assert plan.app.gib["profile_users"] <= ROOM * GIB


def test_people_are_divided_until_one_process_fits_into_the_night() -> None:
    results = measured(100_000, "100k", 40, 1) | measured(1_000_000, "1m", 400, 1)
    plan = plan_of(results, 100_000_000)
    assert plan
    assert plan.app.limit[0] == "time"
    assert plan.app.hours <= HOURS
    assert plan.machines < plan.app.hours * plan.apps, "machines are used for most of a night"
    fewer = plan_of(results, plan.app.users * (plan.apps - 1))
    assert fewer
    assert fewer.apps < plan.apps


def test_two_machines_for_one_app_rather_than_two_apps() -> None:
    results = measured(100_000, "100k", 10, 1) | measured(1_000_000, "1m", 100, 1)
    alone = plan_of(results, 17_000_000)
    more = plan_of(results, 18_000_000)
    assert alone
    assert more
    assert (alone.apps, alone.machines) == (1, 1)
    assert (more.apps, more.machines) == (1, 2)


def test_no_plan_where_a_stage_without_users_is_too_much() -> None:
    results = measured(100_000, "100k", 1, GIB) | measured(1_000_000, "1m", 1, GIB)
    assert plan_of(results, 1_000_000) is None
    assert any("none: what a stage costs without any users" in line for line in needs_section(results))


def test_more_cores_bring_what_workers_were_measured_to_bring() -> None:
    night = measured(100_000, "100k", 20, 1)
    assert Speed.of(night) == Speed(1.0, DOUBLING, False)
    roomy = night | {"machine_cores": 4}
    told = Speed.of(roomy | with_workers((180.0, 100.0, 90.0)))
    assert (told.cost, told.doubling, told.worker_gib) == (1.0, 0.9, 1.0)
    assert told.times(16) == pytest.approx(1.8**3)
    slow = Speed.of(roomy | with_workers((200.0, 200.0, 200.0)))
    assert (slow.cost, slow.times(16)) == (2.0, 1.0), "the engines of one process are no slower than before"


def test_two_workers_and_a_driver_on_two_cores_say_nothing_of_more_cores() -> None:
    crowded = measured(100_000, "100k", 20, 1) | with_workers((180.0, 200.0, 300.0)) | {"machine_cores": 2}
    told = Speed.of(crowded)
    assert (told.cost, told.doubling, told.second) == (2.0, DOUBLING, 0.9)
    assert "had no core of its own" in " ".join(needs_section(crowded | measured(1_000_000, "1m", 100, 2)))


def test_what_was_not_measured_is_said_to_be_so() -> None:
    night = measured(100_000, "100k", 20, 1) | measured(1_000_000, "1m", 100, 2)
    assert workers_section(night) == ["Not measured."]
    page = "\n".join(needs_section(night))
    assert "| not measured |" in page
    assert "**Workers** were not measured" in page
    redis = {"night_redis_bytes_per_user": 2**30 / 1e6, "night_redis_users": 10_000}
    full = night | with_workers((180.0, 100.0, 90.0)) | redis
    assert "| `recommend` | 36 s | 20 s | 18 s |" in workers_section(full)
    page = " ".join(needs_section(full))
    assert "ot measured" not in page.replace("extrapolated, not measured", "")
    assert "| 10 GiB |" in page


def test_the_page_says_what_was_measured_and_what_follows() -> None:
    results = measured(10_000, "10k", 10, 1) | measured(100_000, "100k", 19, 2)
    stages = stages_section(results)
    assert "| 10 s, 1.0 GiB | 19 s, 2.0 GiB | 100 s, 11.1 GiB |" in stages[2]
    assert len([line for line in stages if line.startswith("| `")]) == len(STAGES_OF_NIGHT)
    assert [line.split(" | ")[0] for line in needs_section(results)[2:5]] == [
        "| 1,000,000",
        "| 10,000,000",
        "| 100,000,000",
    ]


def test_redis_is_measured_by_what_a_publish_adds_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(app: BenchApp, *arguments: str) -> Measured:
        assert arguments == ("publish", "--date", str(BASE.first_day), "--again")
        assert app.variables["NIGHTJAR__ONLINE__STORE"] == "redis"
        host, _, port = app.variables["NIGHTJAR__ONLINE__REDIS"].partition(":")
        Redis(host, int(port)).set("user", b"x" * 1_000_000)
        return Measured(3.0, 0.1, "")

    monkeypatch.setattr(BenchApp, "run", publish)
    monkeypatch.setattr(BenchApp, "rows", lambda *_: 100)
    found = run_redis(BenchApp(tmp_path, tmp_path, "parquet", BASE.first_day), BASE.first_day)
    assert (found["redis_users"], found["redis_seconds"]) == (100, 3.0)
    assert 10_000 <= found["redis_bytes_per_user"] < 15_000


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
