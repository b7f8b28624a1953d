"""What a model over features asks of a frame: the columns of training, all of them numbers."""

import numpy as np
import pandas as pd

from jobs.core.errors import ModelError


def in_order(features: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """The same rows with the columns in the order of training.

    Raises
    ------
    ModelError
        If a column is missing, or one was never seen in training.
    """
    missing = sorted(set(names) - set(features.columns))
    unexpected = sorted(set(features.columns) - set(names))
    if missing or unexpected:
        raise ModelError(f"features differ from training: missing {missing}, unexpected {unexpected}")
    return features[names]


def as_numbers(features: pd.DataFrame) -> pd.DataFrame:
    """The same frame as float64; missing values become not-a-number.

    Raises
    ------
    ModelError
        If a column holds anything but numbers or booleans.
    """
    is_number = [pd.api.types.is_numeric_dtype(kind) for kind in features.dtypes]
    others = [str(name) for name, number in zip(features.columns, is_number, strict=True) if not number]
    if others:
        raise ModelError(f"features must be numbers; these are not: {others}")
    return features.astype(np.float64)
