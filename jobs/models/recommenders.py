"""The kinds of recommenders by name. A new one is one file and one line in each table here."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs.core.errors import ModelError
from jobs.datasets.past import Past, Window
from jobs.models.recommender import Recommender
from jobs.models.single_source import SingleSourceRecommender, TrainedSingle, train_single
from jobs.models.storage import read_description
from jobs.models.two_stage.training import TrainedTwoStage, train_two_stage
from jobs.models.two_stage.two_stage import TwoStageRecommender

Trained = TrainedSingle | TrainedTwoStage

RECOMMENDERS: dict[str, type[Recommender]] = {
    SingleSourceRecommender.name: SingleSourceRecommender,
    TwoStageRecommender.name: TwoStageRecommender,
}

_TRAINING: dict[str, Callable[[Mapping[str, Any], Past, Sequence[Window]], Trained]] = {
    SingleSourceRecommender.name: train_single,
    TwoStageRecommender.name: train_two_stage,
}


def train_recommender(kind: str, params: Mapping[str, Any], past: Past, windows: Sequence[Window]) -> Trained:
    """Train a recommender twice: to be judged on the newest window, and to be served from ``past`` on.

    Parameters
    ----------
    kind
        A key of `RECOMMENDERS`.
    params
        Of the kind: what `Recommender.params` of a trained one gives back.
    past
        Up to the end of the run date.
    windows
        Newest first.

    Raises
    ------
    ModelError
        If there is no such kind, or too little to learn from.
    """
    _checked(kind)
    return _TRAINING[kind](params, past, windows)


def load_recommender(folder: Path) -> Recommender:
    """The recommender that `Recommender.save` wrote into a folder, of whichever kind.

    Raises
    ------
    ModelError
        If the folder holds no readable recommender, or one of an unknown kind.
    """
    return RECOMMENDERS[_checked(read_description(folder)["model"])].load(folder)


def _checked(kind: str) -> str:
    if kind not in RECOMMENDERS:
        raise ModelError(f"no recommender is of kind '{kind}'; there are {sorted(RECOMMENDERS)}")
    return kind
