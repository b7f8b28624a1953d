"""What lists are made of besides candidates: histories, the catalogue, and what speaks for items at large."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.sparse import csr_matrix

from jobs.core.errors import ModelError
from jobs.core.surfaces import ANCHORED_REASONS, LIKE_YOUR_TASTE, REASONS
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Catalogue
from jobs.models.candidates import Candidates
from jobs.models.lists import Mask, Scores
from jobs.models.surfaces.rungs import RungLists
from jobs.models.user_batches import users_between


@dataclass(frozen=True)
class SurfaceInput:
    """Everything over the items of the candidates; users in their order.

    Attributes
    ----------
    history
        Of the users, up to the run date.
    catalogue
        What is known of the items; says which may be had and which are new.
    neighbours
        Shape (n_items, n_items): row i holds how much item i speaks for others (source `item_item`); None where that
        source is left out, and then nothing has an anchor and `because_you` is empty.
    trending
        Shape (n_items,), float32: the order of the source `trending`, 0 where nobody had the item of late; None where
        that source is left out.
    reason_of
        Code of the reason of each candidate source.
    segments
        Shape (n_users,): the segment of each user, for what short lists are filled with.
    rungs
        Lists of the segments that fill short lists; `RungLists.none` for none.
    """

    history: History
    catalogue: Catalogue
    neighbours: csr_matrix | None
    trending: Scores | None
    reason_of: Mapping[str, str]
    segments: Ids
    rungs: RungLists

    def check(self, candidates: Candidates) -> None:
        """Refuse parts that do not fit the candidates.

        Raises
        ------
        ModelError
            If users or items are others.
        """
        n_users, n_items = candidates.n_users, len(candidates.items)
        shapes = {
            "history": (self.history.shape, (n_users, n_items)),
            "catalogue": (self.catalogue.items.shape, (n_items,)),
            "segments": (self.segments.shape, (n_users,)),
            "neighbours": (None if self.neighbours is None else self.neighbours.shape, (n_items, n_items)),
            "trending": (None if self.trending is None else self.trending.shape, (n_items,)),
            "rungs": (self.rungs.items.shape, (n_items,)),
        }
        for name, (got, wanted) in shapes.items():
            if got is not None and got != wanted:
                raise ModelError(
                    f"lists: {name} has shape {got}, the candidates ask for {wanted}; give the users and items "
                    "of the candidates, in their order"
                )

    def between(self, start: int, stop: int) -> Self:
        """The same for the users at positions ``start:stop``."""
        return replace(self, history=users_between(self.history, start, stop), segments=self.segments[start:stop])

    def reason(self, source: str) -> str:
        """Code of a source's reason where no item of the user's history is one.

        A source without a code that apps know, or with one that needs an anchor, says that it is the user's taste.
        """
        found = self.reason_of.get(source, LIKE_YOUR_TASTE)
        return found if found in REASONS and found not in ANCHORED_REASONS else LIKE_YOUR_TASTE


def listable(catalogue: Catalogue, blocked: tuple[str, ...]) -> Mask:
    """Shape (n_items,): whether an item may be on any list: to be had, and not blocked."""
    return catalogue.is_available & ~np.isin(catalogue.items, np.array(blocked, dtype=np.str_))


def candidates_between(candidates: Candidates, start: int, stop: int) -> Candidates:
    """Candidates of the users at positions ``start:stop``."""
    rows = slice(*candidates.indptr[[start, stop]].tolist())
    return replace(
        candidates,
        n_users=stop - start,
        user=candidates.user[rows] - candidates.user.dtype.type(start),
        item=candidates.item[rows],
        score=candidates.score[rows],
        discovery_score=candidates.discovery_score[rows],
        is_had=candidates.is_had[rows],
        source=candidates.source[rows],
    )


def candidates_over(candidates: Candidates, items: Ids) -> Candidates:
    """The same candidates over another catalogue: a champion may be some nights old and not know what is new today.

    Parameters
    ----------
    candidates
        Of a recommender, over its own items.
    items
        Shape (n_items,), ascending: usually today's. Candidates that it does not have are left out.
    """
    if np.array_equal(items, candidates.items) or not len(candidates.item):
        return replace(candidates, items=items)
    place = np.searchsorted(items, candidates.items).clip(max=max(0, len(items) - 1))
    known = items[place] == candidates.items if len(items) else np.zeros(len(candidates.items), np.bool_)
    kept = known[candidates.item]
    # Both catalogues ascend, so that rows stay in the order user, item.
    return replace(
        candidates,
        items=items,
        user=candidates.user[kept],
        item=place[candidates.item[kept]].astype(np.int32),
        score=candidates.score[kept],
        discovery_score=candidates.discovery_score[kept],
        is_had=candidates.is_had[kept],
        source=candidates.source[kept],
    )
