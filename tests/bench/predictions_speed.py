"""How long all predictions of 100,000 users take to train and to score, in one process, without the lake."""

import resource
import time
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from jobs.core.config import load_settings
from jobs.datasets.predictions import FEATURES, PREDICTIONS
from jobs.models.predictions.scoring import score
from jobs.stages.prediction_judging import fit, judge
from jobs.stages.prediction_tasks import recipe_of, task_of

USERS, SEED = 100_000, 11
SPLITS = {"holdout": date(2025, 6, 1), "between": date(2025, 5, 15), "train": date(2025, 4, 15)}


def run_speed() -> dict[str, Any]:
    """Judge, train on one window of each split, and score; the rows are drawn, only their number matters."""
    settings = load_settings("sample")
    rows, seconds = _rows(), {}
    for name in PREDICTIONS:
        task, recipe = task_of(name, settings), recipe_of(settings)
        start = time.perf_counter()
        target = _target(rows, task.days[-1] if len(task.days) > 1 else None)
        own = rows.assign(target=target, order_target=target)
        judged = judge(task, recipe, own, settings)
        model = fit(task, recipe, own, judged.kinds if judged else None)
        score(model, own[own["split"] == "holdout"], list(FEATURES))
        seconds[f"speed.{name}_seconds"] = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kilobytes on Linux
    return {**seconds, "speed.users": USERS, "speed.seconds": sum(seconds.values()), "speed.peak_gb": peak}


def _rows() -> pd.DataFrame:
    rng = np.random.default_rng(SEED)
    n = USERS * len(SPLITS)
    rows = pd.DataFrame({name: rng.poisson(4, n).astype(np.float64) for name in FEATURES})
    split = np.repeat(list(SPLITS), USERS)
    user = [f"u{number}" for number in range(USERS)] * len(SPLITS)
    cuts = np.repeat(np.array(list(SPLITS.values()), dtype=object), USERS)
    return rows.assign(split=split, cut=cuts, user_id=user, segment="active", country="NL", platform="web")


def _target(rows: pd.DataFrame, most: int | None) -> np.ndarray:
    rng = np.random.default_rng(SEED + 1)
    if most is not None:
        return rng.integers(1, most + 2, len(rows)).astype(np.float64)
    odds = 1 / (1 + np.exp(-(rows["days_since_event"] - 4)))
    return (rng.random(len(rows)) < odds).to_numpy().astype(np.float64)
