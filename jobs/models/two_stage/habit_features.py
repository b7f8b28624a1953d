"""A candidate against the user's habits: its price and its category."""

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History, Ids
from jobs.models.two_stage.union import Pairs

Values = npt.NDArray[np.float32]

CATEGORY_HALF_LIFE_DAYS = 60.0  # tastes move slower than wishes for one item


def price_columns(price: Values, user_log_price: Values, user_spread: Values) -> dict[str, Values]:
    """Shape (n_rows,) each: log of the price over the user's mean, in logs and in the user's own spread.

    Parameters
    ----------
    price, user_log_price, user_spread
        Shape (n_rows,): of the row's item and user; not-a-number where unknown, and so is the answer.
    """
    difference = np.log(np.maximum(price, np.float32(0.01))) - user_log_price
    return {
        "price_over_habit": difference.astype(np.float32),
        "price_from_habit": (np.abs(difference) / (user_spread + np.float32(0.3))).astype(np.float32),
    }


def category_columns(history: History, pairs: Pairs, category: npt.NDArray[np.int64]) -> dict[str, Values]:
    """What part of the user's faded wishes went to the candidate's category; nothing where items have none.

    Parameters
    ----------
    category
        Shape (n_items,): from `category_codes`.
    """
    n_categories = int(category.max(initial=-1)) + 1
    if not n_categories:
        return {}
    wish = np.maximum(history.counts["weight"], 0) + history.goal
    faded = wish * np.exp2(-history.age / CATEGORY_HALF_LIFE_DAYS)
    known = category[history.item] >= 0
    cell = history.user[known].astype(np.int64) * n_categories + category[history.item[known]]
    table = np.bincount(cell, faded[known], minlength=len(history.users) * n_categories)
    table = table.reshape(len(history.users), n_categories)
    part = table / np.maximum(table.sum(axis=1, keepdims=True), 1e-9)
    of_item = category[pairs.item]
    found = np.where(of_item >= 0, part[pairs.user, of_item], 0)
    return {"category_part": found.astype(np.float32)}


def category_codes(category: Ids) -> npt.NDArray[np.int64]:
    """Shape (n_items,): a number per category, -1 where there is none."""
    names, code = np.unique(category, return_inverse=True)
    empty = int(len(names) > 0 and names[0] == "")
    return code.astype(np.int64) - empty
