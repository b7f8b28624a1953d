"""Churn: no intent event in the days after the cut."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.datasets.labels.window import after, is_among


def build(users: pd.Series, daily: pd.DataFrame, cut: date, days: int) -> npt.NDArray[np.float64]:
    """Shape (n_users,): 1 without an intent event in ``(cut, cut + days]``, else 0; nothing else is read.

    An explicit goodbye (uninstall, cancellation of a subscription) is no intent event: whoever says so and stays away
    is churned, and whoever returns within the window is not.
    """
    rows = after(daily, cut, days)
    return (~is_among(users, rows[rows["n_intents"] > 0])).astype(np.float64)
