"""What users did with items, beside what the catalogue says of these."""

from datetime import date

import numpy as np
import pandas as pd


def place_pairs(state: pd.DataFrame, catalogue: pd.DataFrame, day: date, half_life_days: float) -> pd.DataFrame:
    """One row per user and item at work.

    Parameters
    ----------
    state
        Rows of `user_item_state`: user_id, item_id, n_events, n_purchases, weight, affinity, affinity_day.
    catalogue
        Rows of `item_profiles`: item_id, category, price; may be empty.
    day
        Run date, to which affinity and events are decayed.
    half_life_days
        Of both.

    Returns
    -------
    DataFrame
        user_id, n_events, n_purchases (0 or more), is_wanted, category, price, affinity, met; category and price
        are empty where the catalogue does not say. `met` is events, decayed from the last one on.
    """
    known = catalogue.drop_duplicates("item_id").set_index("item_id")
    age = (pd.Timestamp(day) - pd.to_datetime(state["affinity_day"])).dt.days.to_numpy(dtype="float64")
    left = np.exp2(-age / half_life_days)
    return pd.DataFrame(
        {
            "user_id": state["user_id"],
            "n_events": state["n_events"].astype("int64"),
            "n_purchases": state["n_purchases"].clip(lower=0).astype("int64"),
            "is_wanted": state["weight"].astype("float64") > 0,
            "category": state["item_id"].map(known["category"]).astype(object),
            "price": pd.to_numeric(state["item_id"].map(known["price"]), errors="coerce").astype("float64"),
            "affinity": state["affinity"].astype("float64") * left,
            "met": state["n_events"].astype("float64") * left,
        }
    )
