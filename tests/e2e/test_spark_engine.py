"""recommender.engine: spark, in local mode and on a cluster of two workers, beside the engine of one process."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bench.cluster import running_cluster
from night_runs import backfill
from tiny_app import FIRST, LAST, write_app

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.core.output_schemas import RECOMMENDATIONS

pytestmark = pytest.mark.slow

SPARK = {"NIGHTJAR__RECOMMENDER__ENGINE": "spark", "NIGHTJAR__RECOMMENDER__USERS_PER_PART": "10"}
GRAIN = list(RECOMMENDATIONS.grain)


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object) -> Path:
    """A home in which the last night has trained, judged and listed, all here."""
    monkeypatch.setenv("NIGHTJAR_CONF", str(write_app(tmp_path)))
    monkeypatch.setenv("NIGHTJAR_HOME", str(tmp_path / "home"))
    backfill("tiny", FIRST, LAST)
    for stage in ("train_churn", "train_recommender", "promote_models", "recommend"):
        assert main([stage, "--app", "tiny", "--date", str(LAST)]) == 0
    return tmp_path


def recommendations() -> pd.DataFrame:
    lake = Lake(Home(home_folder(), "tiny").lake)
    manifest = lake.require(RECOMMENDATIONS.name, LAST, "recommend")
    return read_pandas(lake, RECOMMENDATIONS, manifest).sort_values(GRAIN, ignore_index=True)


def assert_same_lists(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Rows agree but for the last digits of scores, which depend on how many users are asked at once."""
    assert set(expected[expected["entity"] == "user"]["surface"]) >= {"for_you", "discover"}
    texts = [column for column in expected.columns if column not in ("score", "model")]
    pd.testing.assert_frame_equal(found[texts], expected[texts])
    assert np.allclose(found["score"], expected["score"], rtol=1e-5)


@pytest.mark.long
def test_lists_made_in_parts_are_those_of_one_process(night: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = recommendations()
    for name, value in SPARK.items():
        monkeypatch.setenv(name, value)
    assert main(["recommend", "--app", "tiny", "--date", str(LAST)]) == 0
    assert_same_lists(recommendations(), expected)
    assert main(["train_recommender", "--app", "tiny", "--date", str(LAST)]) == 0


def run(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def test_two_workers_of_a_cluster_agree_with_one_process(night: Path) -> None:
    expected = recommendations()
    with running_cluster(night / "cluster") as master:
        far = {**SPARK, "NIGHTJAR__SPARK__MASTER": master}
        run(far, "-m", "jobs", "recommend", "--app", "tiny", "--date", str(LAST))
        assert_same_lists(recommendations(), expected)
        local, spark = map(float, run(far, str(Path(__file__).with_name("als_both_ways.py"))).split())
    assert local > 0.4
    assert spark == pytest.approx(local, rel=0.05)
