"""What the recommender's speed is measured on: made users with tastes, and factors of the size that is asked for."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.sparse import csr_matrix

from jobs.datasets.history import COUNTS, PLACES, History
from jobs.datasets.past import Catalogue, ItemDays, Past

CUT = date(2025, 6, 30)
_DAY = 86_400_000_000
_AT_ONCE = 500
"""Users drawn at once; each has a number for every item."""


@dataclass(frozen=True)
class MadeLog:
    """Users, what they bought, and what else they would buy.

    Attributes
    ----------
    past
        One row per user and item, or two where it was bought again.
    truth
        Shape (n_users, n_items): 1 for items that a user wants and has not bought.
    """

    past: Past
    truth: csr_matrix


def make_log(n_users: int, n_items: int, mean_items: int, wanted: int = 10, seed: int = 1) -> MadeLog:
    """Items are popular by a power law, and liked by users with a taste in sixteen directions.

    Parameters
    ----------
    n_users, n_items
        Of the log.
    mean_items
        Different items that a user bought; most bought fewer, some many more.
    wanted
        Further items of each user.
    seed
        Of everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    tastes = rng.normal(size=(n_users, 16)).astype(np.float32)
    natures = rng.normal(size=(n_items, 16)).astype(np.float32) * 0.6
    popular = (-1.1 * np.log(np.arange(1, n_items + 1)))[rng.permutation(n_items)].astype(np.float32)
    counts = np.clip(rng.lognormal(np.log(mean_items) - 0.32, 0.8, n_users), 3, n_items // 4).astype(int)
    bought, rest = [], []
    for start in range(0, n_users, _AT_ONCE):
        users = slice(start, start + _AT_ONCE)
        # With this noise the largest sums are a draw without replacement.
        sums = tastes[users] @ natures.T + popular + rng.gumbel(size=(len(tastes[users]), n_items))
        order = np.argsort(-sums, axis=1)
        for row, count in zip(order, counts[users], strict=True):
            drawn = rng.permutation(row[: count + wanted])
            bought.append(np.sort(drawn[:count]))
            rest.append(np.sort(drawn[count:]))
    return MadeLog(_past(bought, n_items, rng), _matrix(rest, n_items))


def _past(bought: list[np.ndarray], n_items: int, rng: np.random.Generator) -> Past:
    user = np.repeat(np.arange(len(bought)), [len(items) for items in bought])
    item = np.concatenate(bought)
    again = rng.random(len(item)) < 0.2
    user, item = np.concatenate([user, user[again]]), np.concatenate([item, item[again]])
    age = rng.integers(0, 200, len(item))
    order = np.lexsort((-age, item, user))
    user, item, age = (values[order].astype(np.int32) for values in (user, item, age))
    ones = np.ones(len(user), dtype=np.float32)
    history = History(
        cut=CUT,
        users=np.array([f"u{number:06d}" for number in range(len(bought))]),
        items=np.array([f"i{number:05d}" for number in range(n_items)]),
        user=user,
        item=item,
        age=age,
        moment=(20_000 - age.astype(np.int64)) * _DAY,
        goal=ones,
        counts={name: ones for name in COUNTS},
        places={name: np.full(len(bought), "", dtype=np.str_) for name in PLACES},
    )
    return Past(history, _no_days(), _catalogue(history.items))


def _no_days() -> ItemDays:
    whole, real = np.zeros(0, np.int32), np.zeros(0, np.float32)
    return ItemDays(whole, whole, real, real, real)


def _catalogue(items: np.ndarray) -> Catalogue:
    n = len(items)
    text, age = np.full(n, "", dtype=np.str_), np.zeros(n, dtype=np.int32)
    return Catalogue(items, text, text, np.ones(n, np.float32), age, age, np.ones(n, dtype=np.bool_))


def _matrix(rows: list[np.ndarray], n_items: int) -> csr_matrix:
    indices = np.concatenate(rows)
    ends = np.concatenate([[0], np.cumsum([len(items) for items in rows])])
    return csr_matrix((np.ones(len(indices), np.float32), indices, ends), shape=(len(rows), n_items))


def make_factors(n_users: int, n_items: int, n_factors: int, seen: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Factors and seen items: user_factors, item_factors, and seen_indptr and seen_indices of a csr matrix.

    Vectors point anywhere, those of items are of different lengths; users have seen items by a power law.
    """
    rng = np.random.default_rng(seed)
    users = rng.standard_normal((n_users, n_factors), dtype=np.float32)
    items = rng.standard_normal((n_items, n_factors), dtype=np.float32)
    items *= rng.lognormal(0, 0.3, (n_items, 1)).astype(np.float32)
    counts = np.clip(rng.lognormal(np.log(seen) - 0.5, 1.0, n_users), 1, n_items // 4).astype(np.int64)
    # Drawn at random and kept once each.
    drawn = (n_items * rng.random(int(counts.sum())) ** 3).astype(np.int64)
    keys = np.unique(np.repeat(np.arange(n_users), counts) * n_items + drawn)
    indptr = np.searchsorted(keys // n_items, np.arange(n_users + 1))
    return {
        "user_factors": users,
        "item_factors": items,
        "seen_indptr": indptr.astype(np.int32),
        "seen_indices": (keys % n_items).astype(np.int32),
    }
