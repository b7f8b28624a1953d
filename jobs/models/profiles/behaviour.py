"""Habits and taste of users as numbers: what groups are learned from, and what they are described by."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.models.profiles.hours import clock, counts_of

Floats = npt.NDArray[np.float64]

LEAST_SPREAD = 1e-6
"""Deviation between users below which a number says nothing of them and is left out."""

PRIOR_VISITS = 2.0
PRIOR_STEPS = 5.0
"""Visits, and steps of the funnel, that all users' mean is worth beside the own ones."""


@dataclass(frozen=True)
class Behaviour:
    """Users as points.

    Attributes
    ----------
    users
        Shape (n,), ids.
    habits
        Shape (n, h), columns by name: standardised over users, in units that people can be told.
    taste
        Shape (n, c), columns by category: log of the own share of touches over everybody's, shrunk; c may be 0.
    visits
        Shape (n,): hours with a visit, all time.
    """

    users: npt.NDArray[np.object_]
    habits: pd.DataFrame
    taste: pd.DataFrame
    visits: Floats

    def points(self, taste_parts: int, learned: npt.NDArray[np.bool_]) -> Floats:
        """What groups are learned from: habits and the principal parts of the taste, shape (n, d), float64.

        Parameters
        ----------
        taste_parts
            At most so many parts.
        learned
            Shape (n,): users that say what the parts are; all are projected on them.
        """
        parts = _principal(self.taste.to_numpy(dtype="float64"), taste_parts, learned)
        joined = np.hstack([self.habits.to_numpy(dtype="float64"), parts])
        return _standardised(joined, learned)

    @property
    def told(self) -> pd.DataFrame:
        """Habits and taste, standardised, by name: what a centre is told in. Categories are `likes <category>`."""
        taste = self.taste.add_prefix("likes ")
        values = _standardised(taste.to_numpy(dtype="float64"), np.ones(len(taste), dtype=np.bool_))
        return pd.concat([self.habits, pd.DataFrame(values, columns=taste.columns)], axis=1)


def build_behaviour(
    activity: pd.DataFrame, habits: pd.DataFrame, pairs: pd.DataFrame, taste_prior: float
) -> Behaviour:
    """Points of users.

    Parameters
    ----------
    activity
        One row per user to describe: `user_activity`.
    habits
        Rows of `user_habits_state`; of users without one nothing is known.
    pairs
        One row per user and item: `user_id`, `n_events`, `n_purchases`, `is_wanted`, `category`, `price`; the last
        two may be empty.
    taste_prior
        Touches that everybody's taste is worth.
    """
    users = activity["user_id"].to_numpy(dtype=object)
    own = habits.set_index("user_id").reindex(users)
    of_users = pairs[pairs["user_id"].isin(users)]
    numbers = {**_of_visits(activity, own), **_of_funnel(own), **_of_purchases(users, of_users)}
    frame = pd.DataFrame(numbers)
    varied = [name for name in frame if frame[name].std() > LEAST_SPREAD]
    values = _standardised(frame[varied].to_numpy(dtype="float64"), np.ones(len(frame), dtype=np.bool_))
    return Behaviour(
        users=users,
        habits=pd.DataFrame(values, columns=varied),
        taste=_taste(users, of_users, taste_prior),
        visits=counts_of(own["visit_hours"]).sum(axis=1),
    )


def _of_visits(activity: pd.DataFrame, own: pd.DataFrame) -> dict[str, Floats]:
    hours = counts_of(own["visit_hours"])
    n, place = hours.sum(axis=1), clock(hours)
    usual = (hours @ place).sum() / max(n.sum(), 1.0)
    days = activity["n_active_days"].to_numpy(dtype="float64")
    span = (activity["tenure_days"] - activity["days_since_event"]).to_numpy(dtype="float64") + 14
    shown = own["n_shown"].fillna(0).to_numpy(dtype="float64")
    return {
        "hour": (hours @ place + PRIOR_VISITS * usual) / (n + PRIOR_VISITS),
        "often": np.log((days + 1) / span),
        "much": np.log(_shrunk_ratio(shown, n, PRIOR_VISITS)),
    }


def _of_funnel(own: pd.DataFrame) -> dict[str, Floats]:
    steps = {name: own[name].fillna(0).to_numpy(dtype="float64") for name in own if str(name).startswith("n_")}
    pairs = {"opens": ("n_opened", "n_shown"), "carts": ("n_wanted", "n_opened"), "pays": ("n_bought", "n_wanted")}
    return {name: np.log(_shrunk_ratio(steps[top], steps[of], PRIOR_STEPS)) for name, (top, of) in pairs.items()}


def _of_purchases(users: npt.NDArray[np.object_], pairs: pd.DataFrame) -> dict[str, Floats]:
    """How many purchases are of an item bought before, and how dear what is bought is beside what is wanted."""
    bought = pairs[pairs["n_purchases"] > 0]
    purchases = _sums(users, bought, bought["n_purchases"])
    items = _sums(users, bought, pd.Series(1.0, index=bought.index))
    log_price = np.log(pairs["price"].where(pairs["price"] > 0))
    wanted = pairs["is_wanted"] & log_price.notna()
    paid = (pairs["n_purchases"] > 0) & log_price.notna()
    mean_wanted = _means(users, pairs[wanted], log_price[wanted])
    mean_paid = _means(users, pairs[paid], log_price[paid])
    n_paid = _sums(users, pairs[paid], pd.Series(1.0, index=pairs.index[paid]))
    dearer = np.nan_to_num(mean_paid - mean_wanted) * n_paid / (n_paid + 1)
    return {"again": np.log(_shrunk_ratio(purchases - items, purchases, PRIOR_STEPS)), "dearer": dearer}


def _shrunk_ratio(top: Floats, of: Floats, prior: float) -> Floats:
    """Of each user, leaning to the ratio of all; 1 everywhere where there is nothing at all."""
    if top.sum() <= 0 or of.sum() <= 0:
        return np.ones(len(top))
    overall = top.sum() / of.sum()
    return np.asarray((top + prior * overall) / (of + prior), dtype=np.float64)


def _sums(users: npt.NDArray[np.object_], rows: pd.DataFrame, values: "pd.Series[float]") -> Floats:
    return np.asarray(values.groupby(rows["user_id"]).sum().reindex(users).fillna(0.0), dtype=np.float64)


def _means(users: npt.NDArray[np.object_], rows: pd.DataFrame, values: "pd.Series[float]") -> Floats:
    return np.asarray(values.groupby(rows["user_id"]).mean().reindex(users), dtype=np.float64)


def _taste(users: npt.NDArray[np.object_], pairs: pd.DataFrame, prior: float) -> pd.DataFrame:
    """Centred log-ratio of shrunk shares (Aitchison, 1986) against everybody's."""
    placed = pairs[pairs["category"].notna()]
    table = placed.pivot_table(index="user_id", columns="category", values="n_events", aggfunc="sum", fill_value=0)
    counts = table.reindex(users, fill_value=0).sort_index(axis=1)
    values = counts.to_numpy(dtype="float64")
    everybody = values.sum(axis=0) / max(values.sum(), 1.0)
    if len(counts.columns) < 2:
        return pd.DataFrame(index=range(len(users)))
    shrunk = (values + prior * everybody) / (values.sum(axis=1, keepdims=True) + prior)
    log = np.log(shrunk / everybody)
    return pd.DataFrame(log - log.mean(axis=1, keepdims=True), columns=list(map(str, counts.columns)))


def _principal(values: Floats, n: int, learned: npt.NDArray[np.bool_]) -> Floats:
    """Principal parts, shape (n_users, at most n); signs are those in which the largest weight is positive."""
    n = min(n, values.shape[1] - 1, int(learned.sum()) - 1)
    if n <= 0:
        return np.zeros((len(values), 0))
    centred = values - values[learned].mean(axis=0)
    axes = np.linalg.svd(centred[learned], full_matrices=False)[2][:n]
    signs = np.sign(axes[np.arange(n), np.abs(axes).argmax(axis=1)])
    return np.asarray(centred @ (axes * signs[:, None]).T, dtype=np.float64)


def _standardised(values: Floats, learned: npt.NDArray[np.bool_]) -> Floats:
    of = values[learned]
    if not len(of):
        return values
    return np.asarray((values - of.mean(axis=0)) / np.maximum(of.std(axis=0), LEAST_SPREAD), dtype=np.float64)
