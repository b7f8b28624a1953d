"""What heads have in common: a linear learner and trees, or their mean, chosen on held-out users."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.models.predictions.logistic import Logistic
from jobs.models.predictions.trees import Trees
from jobs.models.storage import Arrays

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Kind = Literal["logistic", "lightgbm", "mean"]

KINDS: tuple[Kind, ...] = ("logistic", "lightgbm", "mean")


@dataclass(frozen=True)
class HeadParams:
    """Settings of both learners.

    Attributes
    ----------
    ridge
        Of the linear one.
    lightgbm
        Settings of the trees.
    folds
        Parts of the users that are held out in turn.
    min_rows
        Fewest rows to learn from.
    seed
        Of the trees.
    """

    ridge: float
    lightgbm: Mapping[str, Any]
    folds: int
    min_rows: int
    seed: int


class Head(ABC):
    """One number of a design's rows.

    Subclasses name their learners and write ``_check``, ``_needed``, ``_target``, ``_losses`` and ``_measure``.

    Parameters
    ----------
    params
        Settings of the learners.
    kind
        Who is served; None lets `fit` choose.

    Attributes
    ----------
    losses
        On held-out users, less being better, by kind: of all where `fit` chose, else of the one that was asked for.
    curve
        The same of the trees after every `trees.STAGE` of them, where they were grown; not saved.
    """

    linear_type: ClassVar[type[Logistic]]
    objective: ClassVar[str]

    def __init__(self, params: HeadParams, kind: Kind | None = None) -> None:
        self.params, self.asked = params, kind
        self.kind: Kind = kind or "logistic"
        self.losses: dict[str, float] = {}
        self.curve: list[float] = []
        self.trees: Trees | None = None

    def fit(self, design: pd.DataFrame, told: Floats, fold: Ints, order: Floats | None = None) -> Self:
        """Choose and measure on held-out users, then learn from all rows.

        Parameters
        ----------
        design
            One row per user and cut.
        told
            Shape (n,): what happened; not a number where it is not known yet.
        fold
            Shape (n,): all rows of a user are in one fold.
        order
            Shape (n,): what happened in a shorter window, known of every row: the learners learn the order of users
            from it, and only what is predicted is measured on `told`. None: all is learned from `told`.

        Raises
        ------
        ModelError
            If there is too little to learn from.
        """
        known = np.isfinite(told)
        self._check(told[known])
        target = self._target(told if order is None else order)
        self._check_folds(target, fold)
        margins = self._held_out(design, target, fold)
        self.losses = self._losses(margins, target)
        # Of equal ones the first: trees that are no better than the line are never taken.
        self.kind = min(margins, key=lambda kind: (self.losses[kind], KINDS.index(kind)))
        self._measure(margins[self.kind][known], told[known], fold[known])
        self.linear = self._linear().fit(design, target)
        self.trees = self._trees().fit(design, target) if self.kind != "logistic" else None
        return self

    @abstractmethod
    def predict(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): the number."""

    def margin(self, design: pd.DataFrame) -> Floats:
        """Shape (n,): what the learners say; `mean` is the mean of both, so that contributions add up."""
        return np.asarray(np.mean([part.margin(design) for part in self._parts()], axis=0))

    def contributions(self, design: pd.DataFrame) -> Floats:
        """Shape (n, n_columns): what each column adds to the margin."""
        return np.asarray(np.mean([part.contributions(design) for part in self._parts()], axis=0))

    def arrays(self) -> Arrays:
        """Numbers of the model, without the trees."""
        return {**self.linear.arrays(), **self._own_arrays()}

    def describe(self) -> dict[str, Any]:
        """Words of the model, without its numbers."""
        return {"kind": self.kind, "losses": self.losses, **self._own_words()}

    @classmethod
    def load(cls, params: HeadParams, told: Mapping[str, Any], arrays: Arrays, trees: str) -> Self:
        """The model of what `describe`, `arrays` and the trees' text gave."""
        model = cls(params, told["kind"])
        model.losses = dict(told["losses"])
        model.linear = cls.linear_type.load(params.ridge, arrays)
        model.trees = Trees.load(params.lightgbm, params.seed, cls.objective, trees) if trees else None
        model._restore(told, arrays)
        return model

    @abstractmethod
    def _check(self, told: Floats) -> None:
        """Refuse what nothing can be learned from."""

    def _check_folds(self, target: Floats, fold: Ints) -> None:
        """Refuse where those that are held out may leave nothing to learn from: a user takes all own rows along."""
        for name, rows in self._needed(target).items():
            n_folds = len(np.unique(fold[rows]))
            if n_folds < 2:
                raise ModelError(
                    f"{name} of users in at least 2 of {self.params.folds} folds are needed; got {n_folds}"
                )

    @abstractmethod
    def _needed(self, target: Floats) -> Mapping[str, npt.NDArray[np.bool_]]:
        """By name, rows of which some are needed."""

    def _target(self, told: Floats) -> Floats:
        """What the learners learn."""
        return told

    @abstractmethod
    def _losses(self, margins: Mapping[Kind, Floats], target: Floats) -> dict[str, float]:
        """Of each kind, on held-out users."""

    @abstractmethod
    def _measure(self, margin: Floats, told: Floats, fold: Ints) -> None:
        """From held-out margins to what is predicted."""

    @abstractmethod
    def _own_arrays(self) -> Arrays: ...

    @abstractmethod
    def _own_words(self) -> dict[str, Any]: ...

    @abstractmethod
    def _restore(self, told: Mapping[str, Any], arrays: Arrays) -> None:
        """Take back what the two above gave."""

    def _held_out(self, design: pd.DataFrame, target: Floats, fold: Ints) -> dict[Kind, Floats]:
        """Margins of users whom a learner had not seen, of the kinds that may be served."""
        wanted = KINDS if self.asked is None else (self.asked,)
        margins: dict[Kind, Floats] = {}
        if wanted != ("lightgbm",):
            margins["logistic"] = _out_of_fold(lambda some: self._linear().fit(*some).margin, design, target, fold)[0]
        if wanted != ("logistic",):
            staged = _out_of_fold(lambda some: self._trees().fit(*some).staged, design, target, fold)
            self.curve = [self._losses({"lightgbm": each}, target)["lightgbm"] for each in staged]
            margins["lightgbm"] = staged[-1]
        if "mean" in wanted:
            margins["mean"] = (margins["logistic"] + margins["lightgbm"]) / 2
        return {kind: margins[kind] for kind in wanted}

    def _linear(self) -> Logistic:
        return self.linear_type(self.params.ridge)

    def _trees(self) -> Trees:
        return Trees(self.params.lightgbm, self.params.seed, self.objective)

    def _parts(self) -> list[Logistic | Trees]:
        if self.kind == "logistic" or self.trees is None:
            return [self.linear]
        return [self.trees] if self.kind == "lightgbm" else [self.linear, self.trees]


def _out_of_fold(
    learn: Callable[[tuple[pd.DataFrame, Floats]], Callable[[pd.DataFrame], Floats]],
    design: pd.DataFrame,
    target: Floats,
    fold: Ints,
) -> Floats:
    """Shape (n_stages, n): what is said of users whom a learner had not seen; one stage where it says one thing."""
    parts, places = [], []
    for each in np.unique(fold):
        out = fold == each
        parts.append(np.atleast_2d(learn((design[~out], target[~out]))(design[out])))
        places.append(np.flatnonzero(out))
    return np.asarray(np.concatenate(parts, axis=1)[:, np.argsort(np.concatenate(places))])
