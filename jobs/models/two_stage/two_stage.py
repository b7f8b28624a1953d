"""The recommender of two stages: sources propose, trees order."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from jobs.datasets.history import History, Ids
from jobs.models.candidates import Candidates
from jobs.models.lists import Mask
from jobs.models.recommender import Recommender
from jobs.models.storage import read_arrays, write_arrays
from jobs.models.two_stage.features import Features
from jobs.models.two_stage.item_features import stacked
from jobs.models.two_stage.params import TwoStageParams
from jobs.models.two_stage.ranker import Ranker
from jobs.models.two_stage.rows import candidate_columns, prior_of
from jobs.models.two_stage.source_features import loudest
from jobs.models.two_stage.source_set import SourceSet
from jobs.models.user_batches import user_batches, users_between
from jobs.models.workers import side_by_side

ALL_FILE = "all_items.txt"
NEW_FILE = "new_items.txt"


class TwoStageRecommender(Recommender):
    """Ranks the union of what sources propose and of what users had.

    Parameters
    ----------
    settings
        What shaped it; its sources are those that were used, none that was left out.
    sources, features
        Fitted to the same past.
    of_all, of_new
        Trees for all items, and for items that the user never had.
    """

    name = "two_stage"

    def __init__(
        self, settings: TwoStageParams, sources: SourceSet, features: Features, of_all: Ranker, of_new: Ranker
    ) -> None:
        self.settings = settings
        self.sources = sources
        self.features = features
        self.of_all = of_all
        self.of_new = of_new

    @property
    def params(self) -> dict[str, Any]:
        """Sources with their parameters, the ranker's settings, the seed."""
        return self.settings.to_mapping()

    @property
    def items(self) -> Ids:
        """Shape (n_items,), ascending."""
        return self.sources.items

    @property
    def reasons(self) -> dict[str, str]:
        """Of every source."""
        return {name: source.reason for name, source in zip(self.sources.names, self.sources.sources, strict=True)}

    def _candidates(self, history: History, available: Mask) -> Candidates:
        batches = list(user_batches(*history.shape)) or [(0, 0)]
        parts = side_by_side(lambda batch: self._of_batch(users_between(history, *batch), available), batches)
        firsts = [start for start, _ in batches]
        return Candidates(
            items=self.items,
            n_users=len(history.users),
            user=np.concatenate([part.user + np.int32(first) for part, first in zip(parts, firsts, strict=True)]),
            item=np.concatenate([part.item for part in parts]),
            score=np.concatenate([part.score for part in parts]),
            discovery_score=np.concatenate([part.discovery_score for part in parts]),
            is_had=np.concatenate([part.is_had for part in parts]),
            source=np.concatenate([part.source for part in parts]),
            sources=self.sources.names,
        )

    def _of_batch(self, batch: History, available: Mask) -> Candidates:
        pairs, columns = candidate_columns(batch, self.sources, self.features, self.settings.ranker, available)
        values, prior = stacked(columns), prior_of(self.sources, columns)
        return Candidates(
            items=self.items,
            n_users=len(batch.users),
            user=pairs.user.astype(np.int32),
            item=pairs.item.astype(np.int32),
            score=self.of_all.score(values, prior),
            discovery_score=self.of_new.score(values, prior),
            is_had=pairs.is_had,
            source=loudest(self.sources.names, columns),
            sources=self.sources.names,
        )

    def _save(self, folder: Path) -> None:
        write_arrays(folder, self.features.arrays())
        self.sources.save(folder)
        self.of_all.save(folder / ALL_FILE)
        self.of_new.save(folder / NEW_FILE)

    @classmethod
    def _load(cls, folder: Path, params: dict[str, Any]) -> Self:
        settings = TwoStageParams.from_mapping(params)
        sources = SourceSet.load(folder, tuple(sorted(settings.sources)))
        features = Features.restored(read_arrays(folder))
        return cls(settings, sources, features, Ranker.load(folder / ALL_FILE), Ranker.load(folder / NEW_FILE))
