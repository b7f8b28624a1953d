"""Churn: no intent event in the days after the cut, or a goodbye after which none came."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.datasets.labels.window import after


def build(users: pd.Series, daily: pd.DataFrame, cut: date, days: int) -> npt.NDArray[np.float64]:
    """Shape (n_users,): 1 for who is gone by the end of ``(cut, cut + days]``, else 0; nothing else is read.

    Gone is who has no intent event in the window, and who says so (`events.goodbyes`) and has none on a later day of
    it: what came before the goodbye does not make a user stay. Of two on one day the order is not known; the goodbye
    counts as the later one.
    """
    rows = after(daily, cut, days)
    last = _last_day(users, rows[rows["n_intents"] > 0], cut)
    goodbye = _last_day(users, rows[rows["n_goodbyes"] > 0], cut)
    return np.asarray((last == 0) | (goodbye >= last), dtype=np.float64)


def _last_day(users: pd.Series, rows: pd.DataFrame, cut: date) -> npt.NDArray[np.int64]:
    """Shape (n_users,): days from the cut to each user's last row; 0 for none."""
    last = rows.groupby("user_id")["event_day"].max()
    gaps = pd.Series([(day - cut).days for day in last], index=last.index, dtype="int64")
    return np.asarray(gaps.reindex(users.to_numpy(dtype=object)).fillna(0), dtype=np.int64)
