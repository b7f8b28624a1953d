"""Rows of `recommendations`, made from ranked weights or from lists of positions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.output_schemas import RECOMMENDATIONS

SURFACE = "for_you"
_NO_ITEM = -1
_DIGITS = 6
_EXACT_POWER = 22


def empty() -> pd.DataFrame:
    """No rows."""
    return pd.DataFrame(columns=list(RECOMMENDATIONS.column_names))


def ranked(weights: pd.DataFrame, n_items: int) -> pd.DataFrame:
    """The best items of each key.

    Parameters
    ----------
    weights
        One row per key and item: key, item_id, weight; weights of zero or less are left out.
    n_items
        Longest list.

    Returns
    -------
    DataFrame
        key, item_id, score and rank from 1; equal weights go by item id.
    """
    rows = weights[weights["weight"] > 0].sort_values(["key", "weight", "item_id"], ascending=[True, False, True])
    rows = rows.assign(rank=rows.groupby("key").cumcount() + 1, score=significant(rows["weight"].to_numpy()))
    return rows[rows["rank"] <= n_items][["key", "item_id", "score", "rank"]].reset_index(drop=True)


def in_order(items: Sequence[str]) -> pd.DataFrame:
    """The configured list of last resort, key `everybody`, as `ranked` gives one; scores fall with the rank."""
    ranks = np.arange(1, len(items) + 1)
    return pd.DataFrame({"key": "everybody", "item_id": list(items), "score": 1.0 / ranks, "rank": ranks})


def rows(entity: str, lists: pd.DataFrame, reason: str, model: str) -> pd.DataFrame:
    """Rows of lists that a rule made."""
    return lists.assign(entity=entity, surface=SURFACE, reason=reason, anchor="", source="popularity", model=model)[
        list(RECOMMENDATIONS.column_names)
    ]


def from_lists(
    users: npt.NDArray[np.str_],
    items: npt.NDArray[np.str_],
    positions: npt.NDArray[np.int32],
    scores: npt.NDArray[np.float32],
    anchors: npt.NDArray[np.int32],
    source: str,
    model: str,
) -> pd.DataFrame:
    """Rows of a model's lists.

    Parameters
    ----------
    users, items
        Shapes (n_users,) and (n_items,): ids.
    positions, scores, anchors
        Shape (n_users, k): positions in `items`, -1 where a list ends or nothing is the reason.
    source, model
        Kind and content name.
    """
    user, place = np.nonzero(positions != _NO_ITEM)
    anchor = anchors[user, place]
    has_anchor = anchor != _NO_ITEM
    return pd.DataFrame(
        {
            "entity": "user",
            "key": users[user].astype(object),
            "surface": SURFACE,
            "rank": place + 1,
            "item_id": items[positions[user, place]].astype(object),
            "score": significant(scores[user, place].astype(np.float64)),
            "reason": np.where(has_anchor, "because_you_had", "popular"),
            "anchor": np.where(has_anchor, items[anchor].astype(object), ""),
            "source": source,
            "model": model,
        }
    )


def filled_up(made: pd.DataFrame, users: pd.Series, popular: pd.DataFrame, n_items: int, model: str) -> pd.DataFrame:
    """The rows of a model, and below them what is popular wherever a user's list is shorter.

    A popular item that the list has already is passed over; scores of the filling lie below the list's.
    """
    counts = made["key"].value_counts().reindex(users, fill_value=0)
    short = counts[counts < n_items]
    if short.empty or popular.empty:
        return made
    offer = popular[["item_id", "rank"]].rename(columns={"rank": "order"})
    pairs = pd.DataFrame({"key": short.index}).merge(offer, how="cross")
    had = made[["key", "item_id"]].assign(had=True)
    free = pairs.merge(had, on=["key", "item_id"], how="left")
    free = free[free["had"].isna()].sort_values(["key", "order"])
    free = free.assign(rank=free.groupby("key").cumcount() + 1 + free["key"].map(short))
    lowest = free["key"].map(made.groupby("key")["score"].min()).fillna(0.0)
    score = significant((lowest - np.abs(lowest) * 1e-3 - free["order"] * 1e-6).to_numpy(np.float64))
    filling = rows(
        "user", free[free["rank"] <= n_items].assign(score=score[free["rank"] <= n_items]), "popular", model
    )
    return pd.concat([made, filling], ignore_index=True)


def of_columns(score: npt.NDArray[np.float64], **columns: Any) -> pd.DataFrame:
    """Rows out of whole columns.

    Parameters
    ----------
    score
        Shape (n_rows,); rounded here.
    columns
        The other columns of `recommendations`: arrays of that shape, or one value for all.
    """
    return pd.DataFrame({"score": significant(score), **columns})[list(RECOMMENDATIONS.column_names)]


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """All rows one after the other."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else empty()


def significant(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Values rounded to six significant digits: what is stored does not hang on the last bits of a sum."""
    exact = np.asarray(values, dtype=np.float64)
    magnitude = np.abs(exact)
    digits = _DIGITS - 1 - np.floor(np.log10(np.where(magnitude > 0, magnitude, 1)))
    # A whole power of ten up to 22 is exact, so that one division gives the number nearest to the decimal.
    scale = 10.0 ** np.clip(np.abs(digits), 0, _EXACT_POWER)
    rounded = np.where(digits >= 0, np.rint(exact * scale) / scale, np.rint(exact / scale) * scale)
    return np.where(np.abs(digits) <= _EXACT_POWER, rounded, 0.0) + 0.0
