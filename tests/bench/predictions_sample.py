"""The sample app: how near churn comes to an oracle that knows every rate and every chance of leaving.

The home, its seed and its 200 days are those of `make bench-profiles`: what stands there is not made again.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import load_settings
from jobs.core.daily_schemas import USER_DAILY
from jobs.core.home import Home
from jobs.core.output_schemas import PREDICTIONS
from jobs.datasets.labels import churn
from jobs.evaluation.classification import compute_auc, compute_classification
from jobs.sample.truth import churn_probabilities
from jobs.sample.truth_store import read_truth
from jobs.sample.users import name_user
from tests.bench.predictions_night import run_stages
from tests.bench.profiles_sample import APP, CUT, FIRST, HORIZON, SEED, make_tables


def run_sample(root: Path) -> dict[str, Any]:
    """Make the tables, run the night of the cut, and judge churn of the two weeks after it."""
    home = root / "work" / f"profiles-{SEED}"
    make_tables(home)
    run_stages(home, APP, CUT)
    lake = Lake(Home(home, APP).lake)
    told = read_pandas(lake, PREDICTIONS, lake.require(PREDICTIONS.name, CUT, "score_users"))
    own = told[told["prediction"] == "churn"].set_index("user_id").sort_index()
    label = churn.build(own.index.to_series(), _days_after(lake), CUT, load_settings(APP).churn.horizon_days)
    return {f"sample.churn.{name}": value for name, value in _judge(own, label, _oracle(home, own.index)).items()}


def _judge(own: pd.DataFrame, label: np.ndarray, oracle: np.ndarray) -> dict[str, Any]:
    said = own["probability"].to_numpy(dtype=np.float64)
    best = compute_auc(label > 0, oracle)
    metrics = compute_classification(label, said)
    return {
        **metrics,
        "model": own["model"].iloc[0],
        "users": len(own),
        "oracle_auc": best,
        "skill_over_oracle": (metrics["auc"] - 0.5) / (best - 0.5),
    }


def _days_after(lake: Lake) -> pd.DataFrame:
    days = [CUT + timedelta(n) for n in range(1, HORIZON + 1)]
    parts = [read_pandas(lake, USER_DAILY, lake.require(USER_DAILY.name, day, "clean_events")) for day in days]
    return pd.concat(parts, ignore_index=True)


def _oracle(home: Path, users: pd.Index) -> np.ndarray:
    """The simulation's own probability of silence or an uninstall, given who had left by the cut."""
    truth = read_truth(home / "input" / "sample-truth")
    gone = churn_probabilities(truth, (CUT - FIRST).days, HORIZON)
    return pd.Series(gone, index=[name_user(place) for place in range(len(gone))]).loc[users].to_numpy()
