"""A saved churn model as MLflow serves it: a frame of features in, a probability a row out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.models.churn import ChurnModel

PROBABILITY = "churn_probability"


class ServedChurn:
    """One row per user in, one row per user out, in the same order.

    Parameters
    ----------
    model
        A fitted model.
    """

    def __init__(self, model: ChurnModel) -> None:
        self._model = model

    def predict(self, frame: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Probability of churn.

        Parameters
        ----------
        frame
            One row per user: exactly the features of training, in any order. No ids.
        params
            Not used; MLflow passes it.

        Returns
        -------
        DataFrame
            ``churn_probability``, float64, with the index of the input.
        """
        return pd.DataFrame({PROBABILITY: self._model.predict_proba(frame)}, index=frame.index)


def _load_pyfunc(data_path: str) -> ServedChurn:
    """Entry point that MLflow looks up by this name; ``data_path`` is the model's folder."""
    return ServedChurn(ChurnModel.load(Path(data_path)))
