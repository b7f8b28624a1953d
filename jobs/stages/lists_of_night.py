"""What lists are made of besides a champion's candidates: the night's own sources, which know every item of today."""

import logging
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from jobs.core.config.model import Settings
from jobs.core.errors import ModelError
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.baskets import Baskets
from jobs.models.sources.item_item import ItemItem
from jobs.models.sources.registry import create_source
from jobs.models.sources.source import Source
from jobs.models.sources.trending import Trending
from jobs.stages.contenders import source_params

log = logging.getLogger("nightjar")

Own = TypeVar("Own", bound=Source)


@dataclass(frozen=True)
class NightSources:
    """Sources fitted up to the end of the run date; None where there is too little for one.

    The champion may be some nights old, or hold other sources: what speaks for an item on a page, and what rises
    today, is of today whoever serves.

    Attributes
    ----------
    similar, together
        Shape (n_items, n_items): row i holds how much item i speaks for others.
    trending
        Shape (n_items,), float32: 0 where nobody had the item of late.
    """

    similar: csr_matrix | None
    together: csr_matrix | None
    trending: Scores | None

    @classmethod
    def fit(cls, settings: Settings, past: Past) -> "NightSources":
        """Fit them with the app's settings, or with their defaults where the app's settings have none."""
        items = _fitted(ItemItem, settings, past)
        baskets = _fitted(Baskets, settings, past)
        rising = _fitted(Trending, settings, past)
        nobody: npt.NDArray[np.int64] = np.zeros(min(1, len(past.history.users)), dtype=np.int64)
        return cls(
            similar=items.neighbours if items else None,
            together=baskets.neighbours if baskets else None,
            trending=rising.score(past.history.take(nobody))[0] if rising else None,
        )


def _fitted(kind: type[Own], settings: Settings, past: Past) -> Own | None:
    own = source_params(settings).get(kind.name, {})
    rest = {key: value for key, value in own.items() if key != "kind"}
    try:
        source = create_source(kind.name, **rest).fit(past)
    except ModelError as error:
        log.warning("lists go without the source %s tonight: %s", kind.name, error)
        return None
    return source if isinstance(source, kind) else None
