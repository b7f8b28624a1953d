"""The stages of a night that predict, as processes."""

import os
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import empty_pandas
from jobs.adapters.lake.put import put_partition
from jobs.core.home import Home
from jobs.core.model_schemas import RECOMMENDER_CHALLENGER
from tests.bench.processes import measure

STAGES = ("train_predictions", "promote_models", "score_users")


def run_stages(home: Path, app: str, day: date, settings: Mapping[str, str] | None = None) -> float:
    """Seconds of the stages; the gate is told that nobody trained a recommender, which predictions do not need."""
    environment = {**os.environ, **(settings or {}), "NIGHTJAR_HOME": str(home)}
    nobody = empty_pandas(RECOMMENDER_CHALLENGER)
    put_partition(Lake(Home(home, app).lake), RECOMMENDER_CHALLENGER, day, nobody, "the bench")
    log = home / "stderr.log"
    seconds = 0.0
    for stage in STAGES:
        command = [sys.executable, "-m", "jobs", stage, "--app", app, "--date", str(day), "--again"]
        seconds += measure(command, environment, log).seconds
    return seconds
