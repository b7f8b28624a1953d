"""Boosted trees on the same columns as the logistic regression."""

from collections.abc import Mapping
from typing import Any, Self

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError

Floats = npt.NDArray[np.float64]

STAGE = 10
"""Trees between two points of a training curve."""


class Trees:
    """LightGBM with settings that give the same trees on every run.

    Parameters
    ----------
    params
        As in `predictions.lightgbm` of the configuration.
    seed
        Of rows and columns drawn for each tree.
    objective
        `binary`: log-odds; `tweedie`: the logarithm of an amount that is often nothing.
    """

    def __init__(self, params: Mapping[str, Any], seed: int, objective: str = "binary") -> None:
        self.params, self.seed, self.objective = dict(params), seed, objective
        self._booster: lightgbm.Booster | None = None

    @property
    def booster(self) -> lightgbm.Booster:
        """The fitted trees."""
        if self._booster is None:
            raise ModelError("the trees are not fitted; call fit or load first")
        return self._booster

    def fit(self, design: pd.DataFrame, target: Floats) -> Self:
        """Learn without class weights: the probabilities stay those of the rows."""
        settings = {
            **{name: value for name, value in self.params.items() if name != "n_estimators"},
            "objective": self.objective,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "bagging_freq": 1,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(design, target, params={"verbosity": -1})
        self._booster = lightgbm.train(settings, data, num_boost_round=int(self.params["n_estimators"]))
        return self

    def margin(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): raw scores."""
        return np.asarray(self._predict(design, raw_score=True))

    def staged(self, design: pd.DataFrame) -> Floats:
        """Shape (n_stages, n): raw scores after every `STAGE` trees, the last as `margin` but for rounding.

        LightGBM stops where no leaf may be split any more; later stages then say what the last tree did.
        """
        n_trees = int(self.booster.num_trees())
        parts = [
            self._predict(design, raw_score=True, start_iteration=start, num_iteration=min(STAGE, n_trees - start))
            for start in range(0, n_trees, STAGE)
        ]
        missing = -(-int(self.params["n_estimators"]) // STAGE) - len(parts)
        return np.pad(np.cumsum(parts, axis=0), ((0, missing), (0, 0)), mode="edge")

    def contributions(self, design: pd.DataFrame) -> Floats:
        """Shape (n, n_columns): SHAP values of the raw score (Lundberg et al., 2018), less the mean's column."""
        return np.asarray(self._predict(design, pred_contrib=True))[:, :-1]

    def text(self) -> str:
        """LightGBM's own text; the same trees give the same text."""
        return str(self.booster.model_to_string())

    @classmethod
    def load(cls, params: Mapping[str, Any], seed: int, objective: str, text: str) -> Self:
        """The trees of a text."""
        model = cls(params, seed, objective)
        try:
            model._booster = lightgbm.Booster(model_str=text)
        except lightgbm.basic.LightGBMError as error:
            raise ModelError(f"the text holds no readable trees: {error}; train again") from error
        return model

    def _predict(self, design: pd.DataFrame, **how: Any) -> Any:
        return self.booster.predict(design.astype(np.float64), num_threads=int(self.params["num_threads"]), **how)
