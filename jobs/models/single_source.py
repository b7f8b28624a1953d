"""One source by itself as a recommender: what is served where there is too little to rank with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Past, Window
from jobs.models.candidates import Candidates
from jobs.models.factors.candidates import factor_candidates
from jobs.models.lists import Mask, Scores
from jobs.models.recommender import Recommender
from jobs.models.sources.factor_source import FactorSource
from jobs.models.sources.registry import create_source, load_source
from jobs.models.sources.source import Source
from jobs.models.two_stage.union import Pairs, union_of
from jobs.models.user_batches import user_batches, users_between
from jobs.models.workers import side_by_side

SOURCE_FOLDER = "source"
NEW_ITEMS = 200  # never-had items of a user: four lists of the lake, for limits to choose from
OWN_ITEMS = 200  # items of the own history

_Part = tuple[Pairs, Scores, int]
"""Pairs of some users, their scores, and the position of the first of these users."""


class SingleSourceRecommender(Recommender):
    """Items in the order of one source's scores.

    Parameters
    ----------
    source
        Fitted.
    kind
        Its kind, which the settings may give another name.
    """

    name = "single"

    def __init__(self, source: Source, kind: str) -> None:
        self.source = source
        self.kind = kind

    @property
    def params(self) -> dict[str, Any]:
        """The source's kind and parameters."""
        return {"source": self.kind, "params": {**self.source.params}}

    @property
    def items(self) -> Ids:
        """Shape (n_items,), ascending."""
        return self.source.items

    @property
    def reasons(self) -> dict[str, str]:
        """Of the one source."""
        return {self.kind: self.source.reason}

    def _candidates(self, history: History, available: Mask) -> Candidates:
        if isinstance(self.source, FactorSource):
            return factor_candidates(self.source, history, available, NEW_ITEMS, OWN_ITEMS, self.kind)
        batches = list(user_batches(*history.shape))
        parts = side_by_side(lambda batch: self._of_batch(history, batch, available), batches)
        return _joined(parts, self.items, history, self.kind)

    def _of_batch(self, history: History, ends: tuple[int, int], available: Mask) -> _Part:
        batch = users_between(history, *ends)
        scores = self.source.score(batch)
        pairs = union_of([scores], batch, available, NEW_ITEMS, OWN_ITEMS)
        found = scores[pairs.user, pairs.item]
        # Own items that the source says nothing of are no candidates of it.
        return pairs.kept(found > 0), found[found > 0], ends[0]

    def _save(self, folder: Path) -> None:
        self.source.save(folder / SOURCE_FOLDER)

    @classmethod
    def _load(cls, folder: Path, params: dict[str, Any]) -> Self:
        return cls(load_source(folder / SOURCE_FOLDER), params["source"])


@dataclass(frozen=True)
class TrainedSingle:
    """The same source, fitted up to the newest window's cut to be judged, and up to the run date to be served."""

    judged: SingleSourceRecommender
    final: SingleSourceRecommender


def train_single(params: Mapping[str, Any], past: Past, windows: Sequence[Window]) -> TrainedSingle:
    """Fit one source twice.

    Parameters
    ----------
    params
        ``source``, its kind, and ``params``, its parameters.
    past
        Up to the end of the run date.
    windows
        Newest first; only the past of the newest is read.

    Raises
    ------
    ModelError
        If there is no window, no such source, or too little for it to learn from.
    """
    if not windows:
        raise ModelError(f"single: source '{params['source']}' has no label window to be judged on; wait for one")
    return TrainedSingle(judged=_fitted(params, windows[0].past), final=_fitted(params, past))


def _fitted(params: Mapping[str, Any], past: Past) -> SingleSourceRecommender:
    kind = params["source"]
    return SingleSourceRecommender(create_source(kind, **params.get("params", {})).fit(past), kind)


def _joined(parts: Sequence[_Part], items: Ids, history: History, kind: str) -> Candidates:
    nothing = np.empty(0, np.int64)
    score = np.concatenate([score for _, score, _ in parts] or [np.empty(0, np.float32)])
    return Candidates(
        items=items,
        n_users=len(history.users),
        user=np.concatenate([pairs.user + start for pairs, _, start in parts] or [nothing]).astype(np.int32),
        item=np.concatenate([pairs.item for pairs, _, _ in parts] or [nothing]).astype(np.int32),
        score=score,
        discovery_score=score,
        is_had=np.concatenate([pairs.is_had for pairs, _, _ in parts] or [np.empty(0, np.bool_)]),
        source=np.zeros(len(score), dtype=np.int16),
        sources=(kind,),
    )
