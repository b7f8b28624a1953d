"""Segments of known users; rule-based until they are learned."""

import numpy as np
import pandas as pd

from jobs.core.config.model import ActivitySettings


def build_segments(activity: pd.DataFrame, settings: ActivitySettings) -> pd.DataFrame:
    """The segment of every known user.

    Parameters
    ----------
    activity
        One row per known user: `user_id`, `tenure_days`, `days_since_event` of `user_activity`.
    settings
        `days` without an event make a user dormant; of the others, those first seen fewer than
        `new_days` ago are new, the rest active.

    Returns
    -------
    DataFrame
        One row per user: `user_id`, `segment`; in the order of the input.
    """
    dormant = activity["days_since_event"] >= settings.days
    new = activity["tenure_days"] < settings.new_days
    segment = np.select([dormant, new], ["dormant", "new"], default="active")
    return pd.DataFrame({"user_id": activity["user_id"], "segment": segment.astype(object)})
