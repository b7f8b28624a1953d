"""What is known of a user whatever the item: tempo, baskets, novelty, habit of price."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.datasets.past import NEVER

Values = npt.NDArray[np.float32]

SINCE_CAP_DAYS = 400  # years ago is as good as never
RECENT_DAYS = 60  # days of "lately": one season
PRIOR_GAPS = 1.0  # weight of the mean of all users in a user's gap between days


@dataclass(frozen=True)
class UserFacts:
    """Of each user of a history.

    Attributes
    ----------
    columns
        Name to shape (n_users,), float32: the features.
    gap_days
        Shape (n_users,): usual days between two days with a purchase.
    log_price
        Shape (n_users,): mean logarithm of prices of what was had, not-a-number without any.
    """

    columns: dict[str, Values]
    gap_days: Values
    log_price: Values


def user_facts(history: History, price: Values, typical_gap_days: float) -> UserFacts:
    """Features of users, from their own history alone.

    Parameters
    ----------
    history
        Of any users.
    price
        Shape (n_items,), of the catalogue.
    typical_gap_days
        Of all users of the past that was learned from: what a user with a single day is taken to have.
    """
    goals = history.only_goals()
    n_users = len(history.users)
    starts_day, starts_pair = _first_of_day(goals), _first_of_pair(goals)
    n_rows, n_days, n_items = (_count(goals.user, kept, n_users) for kept in (None, starts_day, starts_pair))
    last, first = _extreme_age(goals, n_users, latest=True), _extreme_age(goals, n_users, latest=False)
    gap = (first - last + PRIOR_GAPS * typical_gap_days) / (np.maximum(n_days, 1) - 1 + PRIOR_GAPS)
    lately = goals.age < RECENT_DAYS
    lately_rows = _count(goals.user, lately, n_users)
    last_rows = _count(goals.user, goals.age == last[goals.user], n_users)
    mean_price, spread_price = _prices(goals, price, n_users)
    columns = {
        "user_rows": n_rows,
        "user_items": n_items,
        "user_days": n_days,
        "user_basket": n_rows / np.maximum(n_days, 1),
        "user_last_basket": last_rows,
        "user_since_days": np.minimum(last, SINCE_CAP_DAYS),
        "user_first_days": np.minimum(first, SINCE_CAP_DAYS),
        "user_gap_days": gap,
        "user_due": last / np.maximum(gap, 1),
        "user_novelty": n_items / np.maximum(n_rows, 1),
        "user_novelty_60d": _count(goals.user, lately & starts_pair, n_users) / np.maximum(lately_rows, 1),
        "user_rows_60d": lately_rows,
        "user_log_price": mean_price,
        "user_price_spread": spread_price,
        "user_wish_14d": _wish(history),
    }
    as_floats = {name: np.asarray(values, dtype=np.float32) for name, values in columns.items()}
    return UserFacts(as_floats, gap.astype(np.float32), mean_price.astype(np.float32))


def typical_gap_days(history: History) -> float:
    """Mean days between two days with a purchase of one user, over all users; 30 where nobody came twice."""
    goals = history.only_goals()
    days = _count(goals.user, _first_of_day(goals), len(history.users))
    several = days > 1
    span = _extreme_age(goals, len(days), latest=False) - _extreme_age(goals, len(days), latest=True)
    return float(span[several].sum() / (days[several] - 1).sum()) if several.any() else 30.0


def last_age(history: History) -> npt.NDArray[np.float64]:
    """Shape (n_users,): days since the goal was last reached, `NEVER` without."""
    return _extreme_age(history.only_goals(), len(history.users), latest=True)


def _first_of_pair(goals: History) -> npt.NDArray[np.bool_]:
    """Rows are in the order user, item, day, so the first of a pair is the oldest."""
    first = np.ones(len(goals.user), dtype=np.bool_)
    first[1:] = (goals.user[1:] != goals.user[:-1]) | (goals.item[1:] != goals.item[:-1])
    return first


def _first_of_day(goals: History) -> npt.NDArray[np.bool_]:
    """One row of each user and day."""
    day = goals.user.astype(np.int64) * NEVER + goals.age
    first = np.zeros(len(day), dtype=np.bool_)
    first[np.unique(day, return_index=True)[1]] = True
    return first


def _count(user: npt.NDArray[np.int32], kept: npt.NDArray[np.bool_] | None, n: int) -> npt.NDArray[np.float64]:
    return np.bincount(user if kept is None else user[kept], minlength=n).astype(np.float64)


def _extreme_age(goals: History, n_users: int, latest: bool) -> npt.NDArray[np.float64]:
    if latest:
        age = np.full(n_users, float(NEVER))
        np.minimum.at(age, goals.user, goals.age)
        return age
    age = np.full(n_users, -1.0)
    np.maximum.at(age, goals.user, goals.age)
    return np.where(age < 0, float(NEVER), age)


def _prices(goals: History, price: Values, n_users: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    log_price = np.log(np.maximum(price[goals.item], 0.01).astype(np.float64))
    known = np.isfinite(log_price)
    user, value = goals.user[known], log_price[known]
    count = np.bincount(user, minlength=n_users).astype(np.float64)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(user, value, minlength=n_users) / count
        square = np.bincount(user, value**2, minlength=n_users) / count
    return mean, np.sqrt(np.maximum(square - mean**2, 0))


def _wish(history: History) -> npt.NDArray[np.float64]:
    faded = np.maximum(history.counts["weight"], 0) * np.exp2(-history.age / 14)
    return np.bincount(history.user, faded, minlength=len(history.users)).astype(np.float64)
