"""Online Retail as `user_daily` would hold it, from the raw files alone, and who is judged at the benchmark's cut."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

CUT = date(2011, 9, 9)
"""Last day that is known; labels begin on 10 September."""

RECENT_DAYS = 90
USERS, ACTIVE = 3_370, 1_907
"""Who ever bought by the cut, and who did in the last 90 days."""


def read_days(folder: Path) -> pd.DataFrame:
    """One row per user and day with a purchase or a cancellation; columns as in `user_daily`."""
    files = sorted(folder.glob("*.csv"))
    raw = pd.concat((pd.read_csv(file, dtype=str, keep_default_na=False) for file in files), ignore_index=True)
    raw = raw[raw["CustomerID"] != ""].drop_duplicates()
    quantity, price = raw["Quantity"].astype(int), raw["UnitPrice"].astype(float)
    back = raw["InvoiceNo"].str.startswith("C")
    rows = pd.DataFrame(
        {
            "user_id": raw["CustomerID"].str.removesuffix(".0"),
            "event_day": pd.to_datetime(raw["InvoiceDate"]).dt.date,
            "n_intents": (~back).astype(int),
            "n_purchases": np.where(back, -1, 1),
            "n_goals": 0,
            "n_goodbyes": 0,
            "revenue": quantity * price,
        }
    )[(price > 0) & (back | (quantity > 0))]
    return rows.groupby(["user_id", "event_day"], as_index=False).sum()


@dataclass(frozen=True)
class Judged:
    """Who is judged, by ascending id.

    Attributes
    ----------
    rows
        Index `user_id`: `first`, `last` and `n_days` of purchases, `recent_revenue` of the last 90 days.
    active
        Shape (n_users,): who bought in the last 90 days.
    """

    rows: pd.DataFrame
    active: npt.NDArray[np.bool_]


def buyers_at(days: pd.DataFrame, cut: date) -> Judged:
    """Who ever bought by the end of a day."""
    known = days[days["event_day"] <= cut]
    bought = known[known["n_intents"] > 0].groupby("user_id")["event_day"]
    near = known[known["event_day"] > cut - timedelta(RECENT_DAYS)]
    rows = pd.DataFrame({"first": bought.min(), "last": bought.max(), "n_days": bought.nunique()})
    recent = near.groupby("user_id")["revenue"].sum().reindex(rows.index).fillna(0.0)
    active = np.array([last > cut - timedelta(RECENT_DAYS) for last in rows["last"]])
    return Judged(rows.assign(recent_revenue=recent), active)


def require_all(judged: Judged) -> None:
    """Refuse other files than those that the figures are about.

    Raises
    ------
    ValueError
        If the counts differ.
    """
    found = len(judged.rows), int(judged.active.sum())
    if found != (USERS, ACTIVE):
        raise ValueError(f"{found} users to judge, not {(USERS, ACTIVE)}; are all files there?")
