"""Values of the rolling state as of a later day, in pandas; see jobs/features/decay.py for the formula."""

from datetime import date

import numpy as np
import pandas as pd


def decayed_to(values: pd.Series, since: pd.Series, day: date, half_life_days: int) -> pd.Series:
    """Values as of their days `since`, decayed to `day`, six decimals."""
    age = (pd.Timestamp(day) - pd.to_datetime(since)).dt.days
    return (values * np.power(2.0, -age / half_life_days)).round(6)
