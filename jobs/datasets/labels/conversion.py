"""Conversion: the goal is reached in the days after the cut."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.datasets.labels.window import after, is_among

COUNTS = {"purchase": "n_purchases", "intent": "n_intents"}
"""Column of `user_daily` that counts a goal; `n_goals` counts any other event type."""


def build(users: pd.Series, daily: pd.DataFrame, cut: date, days: int, goal: str) -> npt.NDArray[np.float64]:
    """Shape (n_users,): 1 where a day in ``(cut, cut + days]`` has the goal, less what was taken back that day.

    `n_goals` was counted on each day by the goal that was configured then.
    """
    rows = after(daily, cut, days)
    return is_among(users, rows[rows[COUNTS.get(goal, "n_goals")] > 0]).astype(np.float64)
