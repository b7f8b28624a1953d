"""A prediction on its holdout: trained on windows that had closed before it, never on its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.errors import ModelError
from jobs.datasets.predictions import FEATURES, GROUPS
from jobs.evaluation.amounts import compute_amounts, compute_gini
from jobs.evaluation.gate import DISTINCT_SCORES, count_distinct
from jobs.evaluation.predictions import compute_by_group, compute_intervals, compute_probability
from jobs.models.predictions.head import Kind
from jobs.models.predictions.model import PredictionModel, Task
from jobs.stages.prediction_tasks import params_of

Floats = npt.NDArray[np.float64]
OVER_LOGISTIC = "over_logistic"


@dataclass(frozen=True)
class JudgedPrediction:
    """How a recipe did on the holdout.

    Attributes
    ----------
    kinds
        Who is to be served, by head.
    metrics
        Of the holdout.
    losses
        Of each kind of learner in the last head, on users held out of the training windows.
    label, told
        Shape (n,): what happened, and the prediction of the last head.
    """

    kinds: tuple[Kind, ...]
    metrics: dict[str, float]
    losses: dict[str, float]
    label: Floats
    told: Floats


def fit(
    task: Task, recipe: Mapping[str, Any], rows: pd.DataFrame, kinds: tuple[Kind, ...] | None = None
) -> PredictionModel:
    """A model of some rows of a training set; of more than `max_rows`, all rows of every second, third, ... user."""
    model, rows = PredictionModel(task, params_of(recipe)), _some_users(rows, int(recipe["max_rows"]))
    target = rows["target"].to_numpy(dtype=np.float64)
    return model.fit(rows[list(FEATURES)], target, rows["user_id"].tolist(), rows["segment"].tolist(), kinds)


def _some_users(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Users are drawn by a hash of their id, so that they stay the same from night to night."""
    share = -(-len(rows) // most)
    if share <= 1:
        return rows
    # Folds take the remainder of the same hash; its upper half is independent of it.
    hashed = pd.util.hash_array(rows["user_id"].to_numpy(dtype=object)) >> np.uint64(32)
    drawn: pd.DataFrame = rows[hashed % np.uint64(share) == 0]
    return drawn


def judge(task: Task, recipe: Mapping[str, Any], rows: pd.DataFrame, settings: Settings) -> JudgedPrediction | None:
    """Learn from the `train` windows and look at the holdout; None where there is none to learn from or look at.

    Trees that a logistic regression beats on the holdout are not served, whatever held-out users said: the kinds are
    then those of the regression.

    Raises
    ------
    ModelError
        If there is too little of either.
    """
    train, holdout = rows[rows["split"] == "train"], rows[rows["split"] == "holdout"]
    if train.empty or holdout.empty:
        return None
    chosen = fit(task, recipe, train)
    losses = chosen.heads[-1].losses
    regression: Kind = "logistic"
    plain, kinds = (regression,) * len(task.days), tuple(head.kind for head in chosen.heads)
    features, target = holdout[list(FEATURES)], holdout["target"].to_numpy(dtype=np.float64)
    told = chosen.predict(features)
    off = off_plain = _loss(task, target, told)
    if kinds != plain:
        rival = fit(task, recipe, train, plain)
        told_plain = rival.predict(features)
        off_plain = _loss(task, target, told_plain)
        if off > off_plain:
            chosen, kinds, told, off = rival, plain, told_plain, off_plain
    label = task.targets(target)[-1]
    metrics = _metrics(label, told[:, -1], chosen.interval(features), holdout, settings)
    return JudgedPrediction(kinds, {**metrics, OVER_LOGISTIC: off_plain - off}, losses, label, told[:, -1])


def _loss(task: Task, target: Floats, told: Floats) -> float:
    """Less is better: log-loss of all heads, or one less the Gini of an amount."""
    if task.coverage is not None:
        return 1.0 - compute_gini(target, told[:, 0])
    pairs = zip(task.targets(target), told.T, strict=True)
    return float(np.mean([-np.log(np.where(label > 0, each, 1.0 - each)).mean() for label, each in pairs]))


def _metrics(
    label: Floats, told: Floats, interval: tuple[Floats, Floats] | None, holdout: pd.DataFrame, settings: Settings
) -> dict[str, float]:
    own = settings.predictions

    def compute(place: npt.NDArray[np.int64]) -> dict[str, float]:
        if interval is None:
            return compute_probability(label[place], told[place], own.budget_share)
        return compute_amounts(label[place], told[place], interval[0][place], interval[1][place])

    groups = {
        **{name: holdout[name].fillna("unknown").tolist() for name in GROUPS},
        "tenure": _tenure(holdout["tenure_days"]),
    }
    try:
        metrics = compute(np.arange(len(holdout)))
    except ValueError as error:
        raise ModelError(f"the holdout cannot judge it: {error}") from None
    return {
        **metrics,
        **compute_intervals(compute, len(holdout), own.n_draws, own.confidence, settings.churn.seed),
        **compute_by_group(compute, groups),
        DISTINCT_SCORES: float(count_distinct(told)),
        "n_users": float(len(holdout)),
    }


def _tenure(days: pd.Series) -> list[str]:
    return ["under_30d" if each < 30 else "30_to_180d" if each < 180 else "over_180d" for each in days]
