"""Categories that a user will touch next: own wishes and meetings, leaning to those of the group and of everybody.

What a user meets counts beside what is wanted: people come across what suits them, and there is far more of it.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config.profiles import NextInterestSettings
from jobs.models.profiles.shrinkage import based_on, choose_weight, group_means, prior_of, shrink

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DIGITS = 6


def count_wishes(users: npt.NDArray[np.object_], pairs: pd.DataFrame, categories: list[str]) -> Floats:
    """Decayed wishes and events of each user by category, shape (n, c), never negative.

    Parameters
    ----------
    users
        Shape (n,): ids.
    pairs
        One row per user and item: `user_id`, `category`, and decayed to the run date `affinity` and `met`.
    categories
        The columns, in this order.
    """
    wishes = pairs["affinity"].clip(lower=0) + pairs["met"].where(pairs["affinity"] >= 0, 0.0)
    placed = pairs.assign(wish=wishes)[pairs["category"].notna()]
    table = placed.pivot_table(index="user_id", columns="category", values="wish", aggfunc="sum", fill_value=0.0)
    return table.reindex(index=users, columns=categories, fill_value=0.0).to_numpy(dtype="float64")


def expected_shares(
    wishes: Floats, group: Ints, n_groups: int, settings: NextInterestSettings
) -> tuple[Floats, float]:
    """Share of each category in the next touches, shape (n, c), and the weight of the prior in wishes."""
    everybody, means = group_means(wishes, group, n_groups)
    prior = prior_of(everybody, means, group)
    weight = min(choose_weight(wishes, prior), settings.segment_touches)
    return shrink(wishes, prior, weight), weight


def build_next_interests(
    users: npt.NDArray[np.object_], pairs: pd.DataFrame, group: Ints, n_groups: int, settings: NextInterestSettings
) -> pd.DataFrame:
    """The next categories of every user, most likely first.

    Returns
    -------
    DataFrame
        One row per user, in the order of the input: the columns of `next_interests`; no row where the catalogue has
        no categories.
    """
    categories = sorted(pairs.loc[pairs["category"].notna(), "category"].unique())
    if not categories:
        return pd.DataFrame({"user_id": [], "categories": [], "shares": [], "based_on": []}, dtype=object)
    wishes = count_wishes(users, pairs, categories)
    shares, weight = expected_shares(wishes, group, n_groups, settings)
    shares = shares.round(DIGITS)
    order = np.argsort(-shares, axis=1, kind="stable")[:, : settings.categories]
    names = np.array(categories, dtype=object)
    return pd.DataFrame(
        {
            "user_id": users,
            "categories": names[order].tolist(),
            "shares": np.take_along_axis(shares, order, axis=1).tolist(),
            "based_on": based_on(wishes.sum(axis=1), weight, group),
        }
    )
