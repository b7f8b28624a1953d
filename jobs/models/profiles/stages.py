"""Stage of a user's life with the app: the first rule of the configuration that holds."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config.profiles import Bounds, StageRule

Bools = npt.NDArray[np.bool_]


def build_stages(activity: pd.DataFrame, rules: Sequence[StageRule]) -> pd.DataFrame:
    """The stage of every user.

    Parameters
    ----------
    activity
        One row per known user who is not at rest: `user_id` and the columns of `user_activity` that rules ask.
    rules
        In the order in which they are asked; the last one holds for everybody.

    Returns
    -------
    DataFrame
        One row per user, in the order of the input: the columns of `user_stages`.
    """
    facts = _with_gaps(activity)
    held = np.stack([_holds(facts, rule) for rule in rules])
    first = np.argmax(held, axis=0)
    names = np.array([rule.stage for rule in rules], dtype=object)
    return pd.DataFrame({"user_id": activity["user_id"], "stage": names[first], "rule": first + 1})


def _with_gaps(activity: pd.DataFrame) -> pd.DataFrame:
    """Silence in usual gaps; a gap below a day is one day, since silence is counted in days."""
    gaps = activity["mean_gap_days"].astype("float64").clip(lower=1.0)
    return activity.assign(gaps_since_event=activity["days_since_event"] / gaps)


def _holds(facts: pd.DataFrame, rule: StageRule) -> Bools:
    held = np.ones(len(facts), dtype=np.bool_)
    for name, bounds in rule.when.items():
        held &= _within(facts[name].to_numpy(dtype="float64"), bounds)
    return held


def _within(values: npt.NDArray[np.float64], bounds: Bounds) -> Bools:
    low = -np.inf if bounds.at_least is None else bounds.at_least
    high = np.inf if bounds.below is None else bounds.below
    # A comparison with NaN is false: an unknown number is within no bounds.
    return np.asarray((values >= low) & (values < high), dtype=np.bool_)
