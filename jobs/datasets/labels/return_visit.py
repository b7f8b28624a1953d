"""Return: how many days after the cut a user is there again."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.datasets.labels.window import after


def build(users: pd.Series, daily: pd.DataFrame, cut: date, days: int) -> npt.NDArray[np.float64]:
    """Shape (n_users,): days from the cut to the first event in ``(cut, cut + days]``, ``days + 1`` without one."""
    rows = after(daily, cut, days)
    first = rows.groupby("user_id")["event_day"].min()
    gaps = pd.Series([(day - cut).days for day in first], index=first.index, dtype=np.float64)
    found = gaps.reindex(users.to_numpy(dtype=object)).fillna(days + 1)
    return np.asarray(found, dtype=np.float64)
