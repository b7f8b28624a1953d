"""Cuts the lists of every surface of users out of a recommender's candidates."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from jobs.core.config import Settings
from jobs.core.surfaces import BECAUSE_YOU_HAD, BUY_AGAIN, DUE_AGAIN, NEW, REASONS, TRENDING, USER_SURFACES
from jobs.models.candidates import Candidates
from jobs.models.lists import NO_ITEM, Mask, top_k
from jobs.models.surfaces.anchors import Anchors
from jobs.models.surfaces.because import because_you
from jobs.models.surfaces.filling import filled
from jobs.models.surfaces.given import SurfaceInput, candidates_between, listable
from jobs.models.surfaces.had import Had
from jobs.models.surfaces.limits import ItemTraits, Limits, choose
from jobs.models.surfaces.pool import UNEXPLAINED, Pool, best_candidates, empty_pool, to_the_front

BATCH_USERS = 2048
"""Users whose lists are made at once: about 300 MB with 300 candidates each."""

_SPARE = 4
"""Rising items looked at for each one wanted: a user may have had some."""

_SURFACE_REASON = {"trending": TRENDING, "new_for_you": NEW}
"""Surfaces whose every item is there for one reason; elsewhere each item has its own."""


def build_user_lists(
    candidates: Candidates, given: SurfaceInput, settings: Settings, anchors: Anchors | None = None
) -> Iterator[tuple[int, dict[str, Pool]]]:
    """Lists of all surfaces, a batch of users at a time.

    Parameters
    ----------
    candidates
        Of any users.
    given
        Of the same users and items.
    settings
        Of the app: `lists`, and for how long an item is new.
    anchors
        Of `given.neighbours`, for who asks of many parts of the users; by default they are made.

    Yields
    ------
    tuple
        Position of the batch's first user, and by surface its lists, shape (users of the batch, lists.lake_items).
        Sources count in `source_names`.

    Raises
    ------
    ModelError
        If candidates and input are of other users or items.
    """
    given.check(candidates)
    anchors = anchors or Anchors(given.neighbours)
    for start in range(0, candidates.n_users, BATCH_USERS):
        stop = min(start + BATCH_USERS, candidates.n_users)
        maker = UserLists(candidates_between(candidates, start, stop), given.between(start, stop), settings, anchors)
        yield start, {surface: maker.of(surface) for surface in USER_SURFACES}


class UserLists:
    """Makes the lists of one batch of users.

    Parameters
    ----------
    candidates, given, settings
        As in `build_user_lists`.
    anchors
        Of `given.neighbours`: made once for all batches.
    """

    def __init__(self, candidates: Candidates, given: SurfaceInput, settings: Settings, anchors: Anchors) -> None:
        self._candidates, self._given, self._settings = candidates, given, settings.lists
        self._is_new = given.catalogue.first_seen_within(settings.features.new_item_days)
        self._allowed = listable(given.catalogue, settings.lists.blocked)
        self._traits = ItemTraits.of(given.catalogue, self._is_new, given.neighbours)
        self._had = Had.of(given.history)
        self._weights = given.history.matrix(half_life_days=settings.features.affinity_half_life_days)
        self._anchors = anchors

    def of(self, surface: str) -> Pool:
        """The lists of one surface: chosen, filled up where they are short, and explained."""
        if surface == "because_you":
            return self._because_you()
        limits = Limits.of(self._settings, surface)
        k = self._settings.lake_items
        pool = self._filled(surface, self._pool(surface, k if limits.are_off else self._settings.pool_items))
        return self._explained(surface, choose(pool, k, limits, self._traits))

    def _pool(self, surface: str, width: int) -> Pool:
        if surface == "trending":
            return self._trending(width)
        candidates = self._candidates
        may = self._allowed[candidates.item]
        if surface == "buy_again":
            return best_candidates(candidates, candidates.score, may & candidates.is_had, width)
        if self._settings.exclude_had.leaves_out(surface):
            may = may & ~candidates.is_had
        if surface == "new_for_you":
            may = may & self._is_new[candidates.item]
        values = candidates.score if surface == "for_you" else candidates.discovery_score
        return best_candidates(candidates, values, may, width)

    def _trending(self, width: int) -> Pool:
        """The rising items in everybody's order, less what each user had."""
        n_users = self._candidates.n_users
        if self._given.trending is None:
            return empty_pool(n_users, width)
        rising = np.where(self._given.trending > 0, self._given.trending, -np.inf).astype(np.float32)[None, :]
        best = top_k(rising, width * _SPARE, available=self._allowed)
        source = source_names(self._candidates, self._given).index("trending")
        items = best.items.repeat(n_users, axis=0)
        pool = Pool.of_items(items, best.scores.repeat(n_users, axis=0), np.full(items.shape, source, dtype=np.int16))
        return to_the_front(pool, ~self._left_out("trending", pool.items), width)

    def _because_you(self) -> Pool:
        return because_you(
            self._candidates,
            self._weights,
            self._had,
            self._given.neighbours,
            self._allowed,
            self._settings.exclude_had.because_you,
            self._settings.because_you,
            self._settings.lake_items,
        )

    def _filled(self, surface: str, pool: Pool) -> Pool:
        filling = self._given.rungs.for_segments(surface, self._given.segments)
        if filling is None:
            return pool
        filling = replace(filling, sources=(filling.sources + len(self._candidates.sources)).astype(np.int16))
        return filled(pool, filling, self._settings.lake_items, self._left_out(surface, filling.items))

    def _left_out(self, surface: str, items: npt.NDArray[np.int32]) -> Mask:
        if self._settings.exclude_had.leaves_out(surface):
            return self._had.contains(items)
        return np.zeros(items.shape, dtype=np.bool_)

    def _explained(self, surface: str, lists: Pool) -> Pool:
        """Reasons and anchors where the rung did not give them."""
        open_ = (lists.reasons == UNEXPLAINED) & (lists.items != NO_ITEM)
        if surface in _SURFACE_REASON:
            lists.reasons[open_] = REASONS.index(_SURFACE_REASON[surface])
            return lists
        repeated = open_ & self._had.contains(lists.items)
        due = repeated & self._had.is_due(lists.items)
        anchors = self._anchors.of(np.where(open_ & ~repeated, lists.items, NO_ITEM).astype(np.int32), self._weights)
        lists.reasons[open_] = self._reason_codes()[lists.sources[open_]]
        lists.reasons[repeated] = REASONS.index(BUY_AGAIN)
        lists.reasons[due] = REASONS.index(DUE_AGAIN)
        lists.reasons[anchors != NO_ITEM] = REASONS.index(BECAUSE_YOU_HAD)
        return replace(lists, anchors=np.where(open_, anchors, lists.anchors))

    def _reason_codes(self) -> npt.NDArray[np.int8]:
        """Shape (n_sources,): of the candidates' sources."""
        codes = [REASONS.index(self._given.reason(source)) for source in self._candidates.sources]
        return np.array(codes, dtype=np.int8)


def source_names(candidates: Candidates, given: SurfaceInput) -> tuple[str, ...]:
    """What sources of users' lists count in: the candidates', the rungs', and the one of what is trending."""
    return (*candidates.sources, *given.rungs.sources, "trending")
