"""What counts as right on Online Retail, from the raw files alone: the pipeline's own cleaning has no part in it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

CUT = pd.Timestamp("2011-11-09")
"""Midnight that ends the history."""

USERS, USERS_WITH_NEW = 1_395, 1_288
"""Users with a purchase before the cut and a relevant item after it, and those of them with one not bought before."""


@dataclass(frozen=True)
class RetailTruth:
    """Who wanted what.

    Attributes
    ----------
    users, items
        Ids, ascending: users to judge by, and every item that anybody had bought before the cut.
    relevant, new
        Shape (n_users, n_items): distinct items bought on or after the cut, and those not bought before it.
    had
        Shape (n_users, n_items): bought before the cut.
    """

    users: np.ndarray
    items: np.ndarray
    relevant: csr_matrix
    new: csr_matrix
    had: csr_matrix


def read_truth(folder: Path) -> RetailTruth:
    """Read the files and count; the counts are those that the figures are about.

    Raises
    ------
    ValueError
        If the files are others than those that the figures are about.
    """
    bought = _purchases(folder)
    before, after = bought[bought["time"] < CUT], bought[bought["time"] >= CUT]
    items = np.unique(before["item"].to_numpy(dtype=np.str_))
    after = after[after["user"].isin(before["user"]) & after["item"].isin(before["item"])]
    users = np.unique(after["user"].to_numpy(dtype=np.str_))
    relevant, had = (_matrix(rows, users, items) for rows in (after, before))
    new = csr_matrix(relevant - relevant.multiply(had))
    new.eliminate_zeros()
    found = len(users), int((np.diff(new.indptr) > 0).sum())
    if found != (USERS, USERS_WITH_NEW):
        raise ValueError(f"{folder}: {found} users to judge by, not {(USERS, USERS_WITH_NEW)}; are all files there?")
    return RetailTruth(users, items, relevant, new, had)


def _purchases(folder: Path) -> pd.DataFrame:
    """Rows with a customer, positive quantity and price, not cancelled: user, item, time; ids are the raw text."""
    files = sorted(folder.glob("*.csv"))
    raw = pd.concat((pd.read_csv(file, dtype=str, keep_default_na=False) for file in files), ignore_index=True)
    is_sale = (raw["Quantity"].astype(int) > 0) & (raw["UnitPrice"].astype(float) > 0)
    kept = raw[is_sale & (raw["CustomerID"] != "") & ~raw["InvoiceNo"].str.startswith("C")]
    return pd.DataFrame(
        {
            # The log writes 17850.0; the app's file takes the digits.
            "user": kept["CustomerID"].str.removesuffix(".0"),
            "item": kept["StockCode"],
            "time": pd.to_datetime(kept["InvoiceDate"]),
        }
    )


def _matrix(rows: pd.DataFrame, users: np.ndarray, items: np.ndarray) -> csr_matrix:
    pairs = rows[rows["user"].isin(users) & rows["item"].isin(items)][["user", "item"]].drop_duplicates()
    place = (
        np.searchsorted(users, pairs["user"].to_numpy(dtype=np.str_)),
        np.searchsorted(items, pairs["item"].to_numpy(dtype=np.str_)),
    )
    return csr_matrix((np.ones(len(pairs), np.float32), place), shape=(len(users), len(items)))
