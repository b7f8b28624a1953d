"""Value: revenue of the days after the cut."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.datasets.labels.window import after


def build(users: pd.Series, daily: pd.DataFrame, cut: date, days: int) -> npt.NDArray[np.float64]:
    """Shape (n_users,): price times quantity less refunds in ``(cut, cut + days]``, in the log's currency.

    More taken back than bought counts as nothing: what is returned was paid for before the cut.
    """
    rows = after(daily, cut, days)
    revenue = rows["revenue"].astype(np.float64).groupby(rows["user_id"].to_numpy(dtype=object)).sum()
    found = revenue.reindex(users.to_numpy(dtype=object)).fillna(0.0).to_numpy(dtype=np.float64)
    return np.asarray(found.clip(min=0.0).round(4), dtype=np.float64)
