"""The days after a cut, which a label may look at and a feature may not."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd


def after(daily: pd.DataFrame, cut: date, days: int) -> pd.DataFrame:
    """Rows of `user_daily` with an event day in ``(cut, cut + days]``, whenever they arrived."""
    return daily[(daily["event_day"] > cut) & (daily["event_day"] <= cut + timedelta(days))]


def is_among(users: pd.Series, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Shape (n_users,): whether each user has one of the rows."""
    return np.isin(users.to_numpy(dtype=object), rows["user_id"].unique())
