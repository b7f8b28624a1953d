"""A saved prediction as MLflow serves it: a frame of features in, its numbers a row out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.models.predictions.model import PredictionModel


class ServedPrediction:
    """One row per user in, one row per user out, in the same order.

    Parameters
    ----------
    model
        A fitted model.
    """

    def __init__(self, model: PredictionModel) -> None:
        self._model = model

    def predict(self, frame: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """What is predicted.

        Parameters
        ----------
        frame
            One row per user: exactly the features of training, in any order. No ids.
        params
            Not used; MLflow passes it.

        Returns
        -------
        DataFrame
            ``within_<days>d``, float64, a column for each head, with the index of the input: a probability, or of
            `value` an amount.
        """
        names = [f"within_{days}d" for days in self._model.task.days]
        model = self._model
        told = model.predict(frame) if model.heads else model.prior([""] * len(frame))
        return pd.DataFrame(told, columns=names, index=frame.index)


def _load_pyfunc(data_path: str) -> ServedPrediction:
    """Entry point that MLflow looks up by this name; ``data_path`` is the model's folder."""
    return ServedPrediction(PredictionModel.load(Path(data_path)))
