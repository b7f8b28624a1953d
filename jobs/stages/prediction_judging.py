"""A prediction on its holdout: trained on windows that had closed before it, never on its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.errors import ModelError
from jobs.datasets.predictions import FEATURES, GROUPS, PREDICTIONS, before_holdout
from jobs.evaluation.amounts import compute_gini
from jobs.evaluation.comparison import Comparison, Resampling
from jobs.evaluation.drawn import Drawn, DrawnAmount, DrawnProbability
from jobs.evaluation.gate import DISTINCT_SCORES, count_distinct
from jobs.evaluation.paired_predictions import compare_predictions
from jobs.evaluation.predictions import compute_by_group, compute_intervals, compute_metrics, find_groups
from jobs.models.predictions.head import Kind
from jobs.models.predictions.model import PredictionModel, Task
from jobs.stages.prediction_tasks import params_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
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
    curve
        Of the trees in the last head, the same after every so many of them.
    label, told
        Shape (n,): what happened, and the prediction of the last head.
    drawn
        The two, for intervals.
    groups
        Positions of the users of each group that is told apart.
    """

    kinds: tuple[Kind, ...]
    metrics: dict[str, float]
    losses: dict[str, float]
    curve: list[float]
    label: Floats
    told: Floats
    drawn: Drawn
    groups: dict[str, Ints]


def fit(
    task: Task, recipe: Mapping[str, Any], rows: pd.DataFrame, kinds: tuple[Kind, ...] | None = None
) -> PredictionModel:
    """A model of some rows of a training set; of more than `max_rows`, all rows of every second, third, ... user."""
    model, rows = PredictionModel(task, params_of(recipe)), _some_users(rows, int(recipe["max_rows"]))
    target, order = (rows[name].to_numpy(dtype=np.float64) for name in ("target", "order_target"))
    users, segments = rows["user_id"].tolist(), rows["segment"].tolist()
    return model.fit(rows[list(FEATURES)], target, users, segments, kinds, order)


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
    """Learn from what was known before the holdout, and look at it; None where there is nothing of either.

    Trees that do not beat a logistic regression on the holdout are not served, whatever held-out users said: the
    kinds are then those of the regression.

    Raises
    ------
    ModelError
        If there is too little of either.
    """
    order_days = PREDICTIONS[task.name].order_days(settings)
    train, holdout = before_holdout(rows, order_days, settings.max_late_days), rows[rows["split"] == "holdout"]
    if train.empty or holdout.empty:
        return None
    chosen = fit(task, recipe, train)
    losses, curve = chosen.heads[-1].losses, chosen.heads[-1].curve
    regression: Kind = "logistic"
    plain, kinds = (regression,) * len(task.days), tuple(head.kind for head in chosen.heads)
    features, target = holdout[list(FEATURES)], holdout["target"].to_numpy(dtype=np.float64)
    told = chosen.predict(features)
    off = off_plain = _loss(task, target, told)
    if kinds != plain:
        rival = fit(task, recipe, train, plain)
        told_plain = rival.predict(features)
        off_plain = _loss(task, target, told_plain)
        if off >= off_plain:
            chosen, kinds, told, off = rival, plain, told_plain, off_plain
    label, said, groups = task.targets(target)[-1], told[:, -1], _groups(holdout)
    drawn = _drawn(label, said, chosen.interval(features), settings.predictions.budget_share)
    metrics = _measured(drawn, groups, settings, said)
    return JudgedPrediction(
        kinds, {**metrics, OVER_LOGISTIC: off_plain - off}, losses, curve, label, said, drawn, groups
    )


def compare(judged: JudgedPrediction, champion: JudgedPrediction, role: str, settings: Settings) -> Comparison | None:
    """The two on the same holdout, by the metric of the role's gate."""
    metric = settings.gate_of(role).metric
    return compare_predictions(judged.drawn, champion.drawn, metric, judged.groups, _resampling(settings))


def _resampling(settings: Settings) -> Resampling:
    own = settings.predictions
    return Resampling(own.confidence, own.n_draws, settings.churn.seed)


def _loss(task: Task, target: Floats, told: Floats) -> float:
    """Less is better: log-loss of all heads, or one less the Gini of an amount."""
    if task.coverage is not None:
        return 1.0 - compute_gini(target, told[:, 0])
    pairs = zip(task.targets(target), told.T, strict=True)
    return float(np.mean([-np.log(np.where(label > 0, each, 1.0 - each)).mean() for label, each in pairs]))


def _measured(judged: Drawn, groups: Mapping[str, Ints], settings: Settings, told: Floats) -> dict[str, float]:
    how = _resampling(settings)
    try:
        metrics = compute_metrics(judged)
    except ValueError as error:
        raise ModelError(f"the holdout cannot judge it: {error}") from None
    return {
        **metrics,
        **compute_intervals(judged, how),
        **compute_by_group(judged, groups, how),
        DISTINCT_SCORES: float(count_distinct(told)),
        "n_users": float(judged.n_users),
    }


def _drawn(label: Floats, told: Floats, interval: tuple[Floats, Floats] | None, budget: float) -> Drawn:
    return DrawnProbability.of(label, told, budget) if interval is None else DrawnAmount.of(label, told, *interval)


def _groups(holdout: pd.DataFrame) -> dict[str, Ints]:
    named = {name: holdout[name].fillna("unknown").tolist() for name in GROUPS}
    return find_groups({**named, "tenure": _tenure(holdout["tenure_days"])})


def _tenure(days: pd.Series) -> list[str]:
    return ["under_30d" if each < 30 else "30_to_180d" if each < 180 else "over_180d" for each in days]
