"""Candidates of a source that is factors: found without a score for every user and item."""

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import History
from jobs.models.candidates import Candidates
from jobs.models.factors.exact import PairScores
from jobs.models.factors.top_k import factor_top_k
from jobs.models.lists import NO_ITEM, Mask, round_significant
from jobs.models.sources.factor_source import FactorSource
from jobs.models.two_stage.union import best_own


def factor_candidates(
    source: FactorSource, history: History, available: Mask, new_items: int, own_items: int, name: str
) -> Candidates:
    """The best items that each user never had, and the own ones, as far as something speaks for them.

    Parameters
    ----------
    source
        Fitted.
    history
        Of any users, over the source's items.
    available
        Shape (n_items,): nobody gets the others.
    new_items, own_items
        Most items of a user of each sort.
    name
        Of the source.
    """
    users, had = source.user_factors(history), history.matrix()
    lists = factor_top_k(users, source.item_factors, new_items, had, available)
    own = best_own(history, available, own_items).tocoo()
    listed = np.nonzero(lists.items != NO_ITEM)
    keys = _keys(listed[0], lists.items[listed], own.row, own.col, n_items=history.shape[1])
    user, item = np.divmod(keys, history.shape[1])
    exact = PairScores(source.item_factors.astype(np.float64)).of(users.astype(np.float64), user, item)
    spoken_for = exact > 0
    user, item = user[spoken_for], item[spoken_for]
    score = round_significant(exact[spoken_for]).astype(np.float32)
    had_keys = np.repeat(np.arange(had.shape[0]), np.diff(had.indptr)) * np.int64(history.shape[1]) + had.indices
    return Candidates(
        items=source.items,
        n_users=len(history.users),
        user=user.astype(np.int32),
        item=item.astype(np.int32),
        score=score,
        discovery_score=score,
        is_had=np.isin(keys[spoken_for], had_keys),
        source=np.zeros(len(score), dtype=np.int16),
        sources=(name,),
    )


def _keys(*places: npt.NDArray[np.integer], n_items: int) -> npt.NDArray[np.int64]:
    """Ascending, each once: one number per user and item, of new ones and of own ones."""
    new_user, new_item, own_user, own_item = (place.astype(np.int64) for place in places)
    return np.unique(np.concatenate([new_user * n_items + new_item, own_user * n_items + own_item]))
