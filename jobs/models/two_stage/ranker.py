"""Trees that order the candidates of a user."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import lightgbm
import numpy as np
import numpy.typing as npt

from jobs.core.errors import ModelError
from jobs.models.two_stage.params import RankerParams
from jobs.models.two_stage.rows import Rows

Values = npt.NDArray[np.float32]

STOPPED_AT = 30  # length of the list by whose nDCG fitting stops: by ten it stops at a lucky tree, early or late
THREADS = 1  # sums over other parts give other trees


@dataclass(frozen=True)
class Fitted:
    """Trees, and how they came to be so many.

    Attributes
    ----------
    ranker
        The trees.
    n_trees
        How many.
    n_rows
        What they learned from.
    curve
        One for each tree tried: nDCG@30 over the candidates of the validation window.
    """

    ranker: "Ranker"
    n_trees: int
    n_rows: int
    curve: tuple[float, ...]


class Ranker:
    """LightGBM trees over the features of candidates."""

    def __init__(self, *boosters: lightgbm.Booster) -> None:
        self.boosters = boosters

    @property
    def names(self) -> tuple[str, ...]:
        """Features, in the order of training."""
        return tuple(self.boosters[0].feature_name())

    @classmethod
    def fit_until_best(cls, train: Rows, valid: Rows, objective: str, params: RankerParams, seed: int) -> Fitted:
        """Grow trees until a later window gains no more.

        Raises
        ------
        ModelError
            If either part has no user with something wanted among the candidates.
        """
        later = _dataset(valid, "validation")
        curve: dict[str, dict[str, list[float]]] = {}
        callbacks = [
            lightgbm.early_stopping(params.early_stopping_rounds, verbose=False),
            lightgbm.record_evaluation(curve),
        ]
        grown = lightgbm.train(
            _settings(objective, params, seed),
            _dataset(train, "training"),
            num_boost_round=params.n_estimators,
            valid_sets=[later],
            valid_names=["later"],
            callbacks=callbacks,
        )
        best = lightgbm.Booster(model_str=grown.model_to_string(num_iteration=grown.best_iteration))
        return Fitted(
            ranker=cls(best),
            n_trees=best.num_trees(),
            n_rows=len(train.label),
            curve=tuple(curve["later"][f"ndcg@{STOPPED_AT}"]),
        )

    @classmethod
    def fit(cls, train: Rows, n_trees: Mapping[str, int], params: RankerParams, seed: int) -> Self:
        """Grow numbers of trees chosen before, `RankerParams.repeats` times. Raises as `fit_until_best`.

        Parameters
        ----------
        n_trees
            How many by each objective. Scores are the mean over objectives and repeats: of an order that is learned
            by pairs and of one that is learned by odds, each errs elsewhere.
        """
        rows = _dataset(train, "training")
        grown = [
            lightgbm.train(_settings(objective, params, seed + i), rows, num_boost_round=n)
            for objective, n in n_trees.items()
            for i in range(params.repeats)
        ]
        return cls(*(lightgbm.Booster(model_str=one.model_to_string()) for one in grown))

    def score(self, values: Values, prior: npt.NDArray[np.float64] | None) -> Values:
        """Shape (n_rows,), float32: the higher the better within a user.

        Parameters
        ----------
        values
            Shape (n_rows, n_features), float32, in the order of `names`.
        prior
            Shape (n_rows,): what the trees started from, None for 0.
        """
        if not len(values):
            return np.empty(0, dtype=np.float32)
        raw = self._mean([one.predict(values, raw_score=True, num_threads=THREADS) for one in self.boosters])
        return np.asarray(raw if prior is None else raw + prior, dtype=np.float32)

    def importance(self) -> dict[str, float]:
        """Gain of each feature, in the order of training."""
        gain = self._mean([one.feature_importance("gain") for one in self.boosters])
        return dict(zip(self.names, gain.tolist(), strict=True))

    def contributions(self, values: Values) -> npt.NDArray[np.float64]:
        """SHAP values of shape (n_rows, n_features + 1); the last column is what all rows share."""
        return self._mean([one.predict(values, pred_contrib=True, num_threads=THREADS) for one in self.boosters])

    @staticmethod
    def _mean(parts: Sequence[npt.ArrayLike]) -> npt.NDArray[np.float64]:
        return np.asarray(np.mean(np.asarray(parts, dtype=np.float64), axis=0))

    def save(self, path: Path) -> None:
        """Write LightGBM's texts, one file for each objective and repeat; the same trees give the same bytes."""
        for i, one in enumerate(self.boosters):
            _numbered(path, i).write_text(one.model_to_string(), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelError
            If the file is missing or holds no trees.
        """
        others = sorted(path.parent.glob(f"{path.stem}.*{path.suffix}"), key=lambda other: int(other.suffixes[0][1:]))
        try:
            return cls(*(lightgbm.Booster(model_str=file.read_text(encoding="utf-8")) for file in (path, *others)))
        except (OSError, lightgbm.basic.LightGBMError) as error:
            raise ModelError(f"no readable trees in {path}: {error}; train again") from error


def _numbered(path: Path, place: int) -> Path:
    return path if place == 0 else path.with_suffix(f".{place}{path.suffix}")


def _settings(objective: str, params: RankerParams, seed: int) -> Mapping[str, Any]:
    return {
        "objective": objective,
        "metric": "ndcg",
        "eval_at": [STOPPED_AT],
        "lambdarank_truncation_level": params.truncation,
        "learning_rate": params.learning_rate,
        "num_leaves": params.num_leaves,
        "min_data_in_leaf": params.min_child_samples,
        "lambda_l2": params.lambda_l2,
        "feature_fraction": params.feature_fraction,
        "bagging_fraction": params.bagging_fraction,
        "bagging_freq": 1,
        "boost_from_average": False,
        "seed": seed,
        "num_threads": THREADS,
        "deterministic": True,
        "force_row_wise": True,
        "max_bin": params.max_bin,
        "verbosity": -1,
    }


def _dataset(rows: Rows, part: str) -> lightgbm.Dataset:
    if not len(rows.label):
        raise ModelError(f"two_stage: no {part} user has something wanted among the candidates; use longer windows")
    return lightgbm.Dataset(
        rows.values,
        rows.label,
        group=rows.groups,
        init_score=rows.prior,
        feature_name=list(rows.names),
        free_raw_data=True,
        params={"verbosity": -1},
    )
