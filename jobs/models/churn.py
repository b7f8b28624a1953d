"""Who will not come back: a LightGBM classifier over one row of features per user."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.models.feature_frame import as_numbers, in_order
from jobs.models.storage import read_description, write_description

TREES_FILE = "trees.txt"


@dataclass(frozen=True)
class ChurnParams:
    """Settings of the trees; the defaults are cautious, for a few thousand users.

    Attributes
    ----------
    learning_rate, num_leaves, min_child_samples, lambda_l2, feature_fraction
        As in LightGBM.
    n_estimators
        Most trees that early stopping may keep.
    early_stopping_rounds
        Trees without gain on the later window after which fitting stops.
    num_threads
        Fixed, because sums over other parts give other trees.
    min_rows
        Fewest rows to learn from, and to stop on.
    """

    learning_rate: float = 0.05
    num_leaves: int = 15
    min_child_samples: int = 30
    lambda_l2: float = 5.0
    feature_fraction: float = 0.8
    n_estimators: int = 500
    early_stopping_rounds: int = 50
    num_threads: int = 2
    min_rows: int = 100


class ChurnModel:
    """Probability of no intent event within the label window.

    Parameters
    ----------
    params
        Settings of the trees.
    seed
        Of the features drawn for each tree.
    """

    name = "churn"

    def __init__(self, params: ChurnParams | None = None, seed: int = 0) -> None:
        self.params = params or ChurnParams()
        self.seed = seed
        self._booster: lightgbm.Booster | None = None

    @property
    def booster(self) -> lightgbm.Booster:
        """The fitted trees."""
        if self._booster is None:
            raise ModelError("model 'churn' is not fitted; call fit or load first")
        return self._booster

    @property
    def features(self) -> list[str]:
        """Names of the features, in the order of training."""
        names: list[str] = self.booster.feature_name()
        return names

    @property
    def n_trees(self) -> int:
        """How many trees it has: after `fit`, the number that early stopping chose."""
        return int(self.booster.num_trees())

    def fit(
        self,
        features: pd.DataFrame,
        label: npt.ArrayLike,
        valid_features: pd.DataFrame,
        valid_label: npt.ArrayLike,
    ) -> Self:
        """Learn, and stop when a later window gains no more.

        Parameters
        ----------
        features, valid_features
            One row per user, numbers only, not-a-number where unknown. The validation rows come from a
            label window after that of the training rows, and have the same columns.
        label, valid_label
            Shape (n,): 1 for churned, 0 for stayed.

        Raises
        ------
        ModelError
            If either part has too few rows or one class only, or columns are not numbers or differ.
        """
        train = self._dataset(features, label, "training")
        valid = self._dataset(in_order(valid_features, list(features.columns)), valid_label, "validation")
        stopping = lightgbm.early_stopping(self.params.early_stopping_rounds, verbose=False)
        fitted = self._train(train, self.params.n_estimators, valid_sets=[valid], callbacks=[stopping])
        best = fitted.model_to_string(num_iteration=fitted.best_iteration)
        self._booster = lightgbm.Booster(model_str=best)
        return self

    def refit(self, features: pd.DataFrame, label: npt.ArrayLike, n_trees: int) -> Self:
        """Learn anew from all windows with a number of trees chosen before. Raises as `fit`."""
        if n_trees < 1:
            raise ModelError(f"model 'churn': refit needs at least one tree; got {n_trees}")
        self._booster = self._train(self._dataset(features, label, "training"), n_trees)
        return self

    def predict_proba(self, features: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Probability of churn.

        Parameters
        ----------
        features
            One row per user, the columns of training in any order.

        Returns
        -------
        ndarray
            Shape (n,), float64, between 0 and 1.

        Raises
        ------
        ModelError
            If a column is missing, unexpected or not a number.
        """
        ordered = as_numbers(in_order(features, self.features))
        if ordered.empty:
            return np.empty(0, dtype=np.float64)
        predicted = self.booster.predict(ordered, num_threads=self.params.num_threads)
        return np.asarray(predicted, dtype=np.float64)

    def importance(self) -> dict[str, float]:
        """Gain of each feature, in the order of training."""
        gains = self.booster.feature_importance(importance_type="gain")
        return dict(zip(self.features, gains.tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write ``model.json`` and the trees as LightGBM's text; the same model gives the same bytes."""
        trees = self.booster.model_to_string()
        folder.mkdir(parents=True, exist_ok=True)
        write_description(folder, {"model": self.name, "params": asdict(self.params), "seed": self.seed})
        (folder / TREES_FILE).write_text(trees, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelError
            If a file is missing or unreadable, or the folder holds another model.
        """
        description = read_description(folder)
        if description["model"] != cls.name:
            raise ModelError(f"{folder} holds the model '{description['model']}', not '{cls.name}'")
        model = cls(ChurnParams(**description["params"]), description["seed"])
        try:
            text = (folder / TREES_FILE).read_text(encoding="utf-8")
            model._booster = lightgbm.Booster(model_str=text)
        except (OSError, lightgbm.basic.LightGBMError) as error:
            raise ModelError(f"no readable trees in {folder / TREES_FILE}: {error}; train again") from error
        return model

    def _train(self, train: lightgbm.Dataset, n_trees: int, **options: Any) -> lightgbm.Booster:
        return lightgbm.train(self._settings(), train, num_boost_round=n_trees, **options)

    def _settings(self) -> Mapping[str, Any]:
        params = self.params
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": params.learning_rate,
            "num_leaves": params.num_leaves,
            "min_data_in_leaf": params.min_child_samples,
            "lambda_l2": params.lambda_l2,
            "feature_fraction": params.feature_fraction,
            "num_threads": params.num_threads,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }

    def _dataset(self, features: pd.DataFrame, label: npt.ArrayLike, part: str) -> lightgbm.Dataset:
        target = np.asarray(label, dtype=np.float64)
        if len(target) != len(features):
            raise ModelError(f"model 'churn': {len(features)} {part} rows but {len(target)} labels")
        if len(target) < self.params.min_rows:
            raise ModelError(f"model 'churn' needs at least {self.params.min_rows} {part} rows; got {len(target)}")
        classes = np.unique(target).tolist()
        if classes != [0.0, 1.0]:
            raise ModelError(f"model 'churn' needs {part} labels of both 0 and 1; got only {classes[:5]}")
        return lightgbm.Dataset(as_numbers(features), target, params={"verbosity": -1})
