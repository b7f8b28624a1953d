"""What is said of users: numbers, reasons and whether only the segment is known; a pure function of their rows.

Rows do not depend on each other, so parts of the users scored one by one give the same numbers as all at once.
"""

import numpy as np
import pandas as pd

from jobs.models.predictions.model import PredictionModel, median_days

COLUMNS = ("user_id", "prediction", "probability", "expected", "low", "high", "days", "curve", "reasons", "is_prior")


def score(model: PredictionModel, users: pd.DataFrame, features: list[str]) -> pd.DataFrame:
    """Score users with one model.

    Parameters
    ----------
    model
        Fitted, or priors only.
    users
        One row per user: `user_id`, `segment` and the features; one whose `days_since_intent` is unknown has no
        history of what is predicted, and is told the prior of the segment.
    features
        Columns that the model is given.

    Returns
    -------
    DataFrame
        One row per user, in that order: `COLUMNS`.
    """
    segments = users["segment"].tolist()
    told = model.prior(segments)
    is_prior = np.ones(len(users), dtype=np.bool_)
    reasons: list[list[str]] = [[] for _ in segments]
    # Of who is told the prior nobody knows an interval: one of no width would say that all is known.
    low, high = np.full(len(users), np.nan), np.full(len(users), np.nan)
    if model.heads and len(users):
        is_prior = users["days_since_intent"].isna().to_numpy()
        known = np.flatnonzero(~is_prior)
        own = users.iloc[known][features].astype("float64")
        if len(own):
            answer = model.answer(own)
            told[known] = answer.told
            if answer.interval is not None:
                low[known], high[known] = answer.interval
            for place, said in zip(known.tolist(), answer.reasons, strict=True):
                reasons[place] = said
    return _rows(model, users["user_id"], told, (low, high), reasons, is_prior)


def _rows(
    model: PredictionModel,
    users: pd.Series,
    told: np.ndarray,
    ends: tuple[np.ndarray, np.ndarray],
    reasons: list[list[str]],
    is_prior: np.ndarray,
) -> pd.DataFrame:
    task, n = model.task, len(users)
    is_amount, is_curve = task.coverage is not None, len(task.days) > 1
    nothing = np.full(n, np.nan)
    curve = told.round(6).tolist()
    expected = told[:, 0].round(4) if is_amount else median_days(task.days, told).round(2) if is_curve else nothing
    columns = {
        "user_id": users.to_numpy(),
        "prediction": task.name,
        "probability": nothing if is_amount else told[:, -1].round(6),
        "expected": expected,
        "low": ends[0].round(4),
        "high": ends[1].round(4),
        "days": [list(task.days) if is_curve else [] for _ in range(n)],
        "curve": curve if is_curve else [[] for _ in range(n)],
        "reasons": reasons,
        "is_prior": is_prior,
    }
    return pd.DataFrame(columns)[list(COLUMNS)]
