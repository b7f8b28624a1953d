"""Users whose silence tells whether they come back."""

import numpy as np
import pandas as pd

from jobs.datasets.predictions import FEATURES
from jobs.models.predictions.head import HeadParams

PARAMS = HeadParams(
    ridge=0.01,
    lightgbm={"learning_rate": 0.1, "num_leaves": 4, "min_data_in_leaf": 20, "n_estimators": 20, "num_threads": 1},
    folds=3,
    min_rows=50,
    seed=1,
)


def observed_users(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray, list[str]]:
    """Features, whether each stayed away (the odds grow with the silence), and ids."""
    rng = np.random.default_rng(seed)
    features = pd.DataFrame({name: rng.poisson(5, n).astype(np.float64) for name in FEATURES})
    features["days_since_event"] = rng.integers(0, 60, n).astype(np.float64)
    features["mean_gap_days"] = 9.0
    features["revenue_1d"] = 0.0  # constant: says nothing, and breaks nothing
    chance = 1 / (1 + np.exp(-(features["days_since_event"] - 30) / 8))
    target = (rng.random(n) < chance).to_numpy().astype(np.float64)
    return features, target, [f"u{number}" for number in range(n)]
