"""One prediction of users as it is trained, saved, loaded and asked: design in front, heads behind, a prior beside.

A prediction has one head or several: churn and conversion one probability, value one amount, return a probability for
each number of days. This file is the one road for all.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.errors import ModelError
from jobs.models.feature_frame import as_numbers, in_order
from jobs.models.predictions.amount import Amount
from jobs.models.predictions.design import build_design
from jobs.models.predictions.head import Head, HeadParams, Kind
from jobs.models.predictions.probability import Probability
from jobs.models.predictions.rhythm import Days, Rhythm
from jobs.models.predictions.words import build_reasons
from jobs.models.storage import read_arrays, read_description, write_arrays, write_description

Floats = npt.NDArray[np.float64]

PRIOR = "prior"
RHYTHM = "rhythm"


@dataclass(frozen=True)
class Task:
    """What is predicted.

    Attributes
    ----------
    name
        Role, view and label of the prediction.
    days
        Lengths of the windows, one head each; a target is compared with them where there are several.
    coverage
        Of the interval; None for probabilities.
    """

    name: str
    days: tuple[int, ...]
    coverage: float | None = None

    def targets(self, target: Floats) -> list[Floats]:
        """The target of each head; of a number of days until something, whether it came within each window."""
        if len(self.days) == 1:
            return [target]
        return [(target <= days).astype(np.float64) for days in self.days]


@dataclass(frozen=True)
class Answer:
    """What is said of some users.

    Attributes
    ----------
    told
        Shape (n, n_heads): see `PredictionModel.predict`.
    interval
        Ends of an amount's interval, two of shape (n,); None of probabilities.
    reasons
        Three a user, in words, the strongest first.
    """

    told: Floats
    interval: tuple[Floats, Floats] | None
    reasons: list[list[str]]


class PredictionModel:
    """A fitted prediction.

    Parameters
    ----------
    task
        What is predicted.
    params
        Settings of the learners.
    """

    def __init__(self, task: Task, params: HeadParams) -> None:
        self.task, self.params = task, params
        self.features: list[str] = []
        self.heads: list[Head] = []
        self.rhythm: Rhythm | None = None
        self.priors: dict[str, list[float]] = {}

    @property
    def kind(self) -> str:
        """Who is served: of several heads the last, the longest window; `prior` where nothing could be learned."""
        return self.heads[-1].kind if self.heads else PRIOR

    def fit(
        self, features: pd.DataFrame, target: Floats, users: Sequence[str], segments: Sequence[str],
        kinds: Sequence[Kind] | None = None, order: Floats | None = None,
    ) -> Self:  # fmt: skip
        """Learn the heads and the priors of segments.

        Parameters
        ----------
        features
            One row per user and cut: the numeric columns of `user_activity` at the cut.
        target
            Shape (n,); not a number where the window is not over.
        users, segments
            Of each row. All rows of a user are held out together; segments give the priors.
        kinds
            Who is served, by head; None lets held-out users choose.
        order
            Shape (n,): what the order of users is learned from, see `Head.fit`; None: the target.

        Raises
        ------
        ModelError
            If there is too little to learn from; the priors are known then.
        """
        self.fit_priors(target, segments)
        n_users = len(set(np.asarray(users, dtype=object)[np.isfinite(target)]))
        if n_users < self.params.min_rows:
            raise ModelError(f"at least {self.params.min_rows} users with a label are needed; got {n_users}")
        self.features = list(features.columns)
        numbers = as_numbers(features)
        self.rhythm = Rhythm.fit(Days.of_features(numbers))
        design = build_design(numbers, self.rhythm, self.task.days[-1])
        fold = _folds(users, self.params.folds)
        asked: Sequence[Kind | None] = kinds or [None] * len(self.task.days)
        orders: Sequence[Floats | None] = [None] * len(asked) if order is None else self.task.targets(order)
        self.heads = [
            self._head(kind).fit(design, each, fold, of_order)
            for kind, each, of_order in zip(asked, self.task.targets(target), orders, strict=True)
        ]
        return self

    def fit_priors(self, target: Floats, segments: Sequence[str]) -> Self:
        """Mean of each segment, and of all under the empty name; nothing else is learned."""
        known = np.isfinite(target)
        if not known.any():
            raise ModelError("there is no closed label window with a user in it yet")
        table = pd.DataFrame(dict(enumerate(self.task.targets(target[known]))))
        means = table.groupby(np.asarray(segments, dtype=object)[known]).mean()
        self.priors = {str(name): row.tolist() for name, row in means.iterrows()}
        self.priors[""] = table.mean().tolist()
        return self

    def predict(self, features: pd.DataFrame) -> Floats:
        """Shape (n, n_heads): probabilities, rising from head to head, or one expected amount."""
        return self._predict(self._design(features))

    def answer(self, features: pd.DataFrame) -> "Answer":
        """All that is said of users, of whose features the design is made once."""
        design = self._design(features)
        told, added = self._predict(design), self.heads[-1].contributions(design)
        return Answer(told, self._interval(design), build_reasons(list(design.columns), added, features))

    def prior(self, segments: Sequence[str]) -> Floats:
        """Shape (n, n_heads): what is said of users of whom nothing is known but the segment."""
        return np.array([self.priors.get(name, self.priors[""]) for name in segments]).reshape(len(segments), -1)

    def interval(self, features: pd.DataFrame) -> tuple[Floats, Floats] | None:
        """Ends of the interval of an amount; None of probabilities."""
        return self._interval(self._design(features))

    def contributions(self, features: pd.DataFrame) -> tuple[list[str], Floats, Floats]:
        """Columns of the design, their values, and what each adds to the score of each row in the last head."""
        design = self._design(features)
        return list(design.columns), design.to_numpy(dtype=np.float64), self.heads[-1].contributions(design)

    def save(self, folder: Path) -> None:
        """Write ``model.json``, the numbers and the trees; the same model gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        trees = [head.trees.text() if head.trees else "" for head in self.heads]
        described = {
            "model": self.task.name, "task": asdict(self.task), "params": asdict(self.params),
            "features": self.features, "priors": self.priors, "heads": [head.describe() for head in self.heads],
        }  # fmt: skip
        write_description(folder, described)
        own = {f"{n}.{name}": values for n, head in enumerate(self.heads) for name, values in head.arrays().items()}
        write_arrays(folder, own | ({RHYTHM: self.rhythm.params} if self.rhythm else {}))
        (folder / "trees.json").write_text(json.dumps(trees), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ModelError
            If a file is missing or unreadable.
        """
        told, arrays = read_description(folder), read_arrays(folder)
        task = Task(**{**told["task"], "days": tuple(told["task"]["days"])})
        model = cls(task, HeadParams(**told["params"]))
        model.features, model.priors = list(told["features"]), dict(told["priors"])
        try:
            trees = json.loads((folder / "trees.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(f"no readable trees in {folder}: {error}; train again") from error
        model.rhythm = Rhythm(arrays[RHYTHM]) if RHYTHM in arrays else None
        kind: type[Head] = Probability if task.coverage is None else Amount
        for n, head in enumerate(told["heads"]):
            own = {name.partition(".")[2]: each for name, each in arrays.items() if name.startswith(f"{n}.")}
            model.heads.append(kind.load(model.params, head, own, trees[n]))
        return model

    def _predict(self, design: pd.DataFrame) -> Floats:
        told = np.column_stack([head.predict(design) for head in self.heads])
        return np.asarray(np.maximum.accumulate(told, axis=1))

    def _interval(self, design: pd.DataFrame) -> tuple[Floats, Floats] | None:
        head = self.heads[0]
        return head.interval(design) if isinstance(head, Amount) else None

    def _head(self, kind: Kind | None) -> Head:
        if self.task.coverage is None:
            return Probability(self.params, kind)
        return Amount(self.params, kind, self.task.coverage)

    def _design(self, features: pd.DataFrame) -> pd.DataFrame:
        if not self.heads or self.rhythm is None:
            raise ModelError(f"model '{self.task.name}' has learned priors only; ask `prior`")
        return build_design(as_numbers(in_order(features, self.features)), self.rhythm, self.task.days[-1])


def _folds(users: Sequence[str], n_folds: int) -> npt.NDArray[np.int64]:
    """Shape (n,): a fold for every user, the same whoever else is there."""
    hashed = pd.util.hash_array(np.asarray(users, dtype=object))
    return np.asarray(hashed % np.uint64(n_folds), dtype=np.int64)


def median_days(days: Sequence[int], curve: Floats) -> Floats:
    """Days until half of such users are back, between two windows by a line; not a number where it takes longer.

    Parameters
    ----------
    days
        Lengths of the windows, ascending.
    curve
        Shape (n, n_days): probability of being back within each.
    """
    x = np.concatenate([[0.0], np.asarray(days, dtype=np.float64)])
    y = np.column_stack([np.zeros(len(curve)), curve])
    after = (y < 0.5).sum(axis=1)
    known = after < len(x)
    at = np.minimum(after, len(x) - 1)
    rows = np.arange(len(curve))
    low, high = y[rows, at - 1], y[rows, at]
    share = (0.5 - low) / np.where(high > low, high - low, 1.0)
    return np.where(known, x[at - 1] + share * (x[at] - x[at - 1]), np.nan)
