"""Makes the lists of segments, contexts and everybody: what is wanted, discovered, rising and new there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.config import Settings
from jobs.core.surfaces import NEW, POPULAR, POPULAR_IN_CONTEXT, POPULAR_IN_SEGMENT, REASONS, RUNG_SURFACES, TRENDING
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Catalogue
from jobs.models.lists import NO_ITEM, Scores, top_k
from jobs.models.surfaces import demand
from jobs.models.surfaces.filling import filled
from jobs.models.surfaces.given import listable
from jobs.models.surfaces.limits import ItemTraits, Limits, choose
from jobs.models.surfaces.pool import Pool
from jobs.models.surfaces.rungs import EVERYBODY, GroupLists, RungLists

SEGMENTS = np.array(["active", "dormant", "new"])

SOURCES = ("popularity", "trending", "new_items")
_SOURCE = {"for_you": 0, "discover": 0, "trending": 1, "new_for_you": 2}
_REASON = {"segment": POPULAR_IN_SEGMENT, "context": POPULAR_IN_CONTEXT, EVERYBODY: POPULAR}

_UNTOUCHED = np.float32(1e-6)
"""Weight of a new item that nobody wants yet: below any other."""


@dataclass(frozen=True)
class RungInput:
    """Everything over the items of the catalogue.

    Attributes
    ----------
    history
        Of all users that may be learned from, up to the run date.
    segments
        Shape (n_users,): the segment of each.
    contexts
        One row per context and item: key, item_id, weight (decayed, events of anonymous visitors too).
    popularity
        Shape (n_items,), float32: decayed, of all events.
    catalogue
        What is known of the items.
    """

    history: History
    segments: Ids
    contexts: pd.DataFrame
    popularity: Scores
    catalogue: Catalogue


def build_rung_lists(given: RungInput, settings: Settings, model: str) -> RungLists:
    """Lists of every rung and of the surfaces that rungs have.

    A list that is shorter than `lists.lake_items` is filled with everybody's; everybody's lists of what is discovered
    and of what rises are filled with what is popular, so that there always is one. What is new has a list only where
    something is new.

    Parameters
    ----------
    given
        What they are made of.
    settings
        Of the app: `lists`, half-lives, and for how long an item is new.
    model
        Content name of the rules with what they were given.
    """
    maker = _Maker(given, settings)
    everybody = maker.lists(EVERYBODY, np.array([EVERYBODY]), maker.of_everybody(), {})
    lists = {
        (rung, surface): made
        for rung, keys, weights in (
            ("segment", SEGMENTS, maker.of_segments()),
            ("context", maker.contexts, maker.of_contexts()),
        )
        for surface, made in maker.lists(rung, keys, weights, everybody).items()
    }
    lists |= {(EVERYBODY, surface): made for surface, made in everybody.items()}
    return RungLists(items=given.catalogue.items, sources=SOURCES, model=model, groups=lists)


class _Maker:
    """Weights of items per group and surface, and the lists cut out of them."""

    def __init__(self, given: RungInput, settings: Settings) -> None:
        self._given, self._settings = given, settings
        self._is_new = given.catalogue.first_seen_within(settings.features.new_item_days)
        self._allowed = listable(given.catalogue, settings.lists.blocked)
        self._traits = ItemTraits.of(given.catalogue, self._is_new, None)
        self.contexts: Ids = (
            np.unique(given.contexts["key"].to_numpy(dtype=np.str_)) if len(given.contexts) else _NONE
        )

    def of_everybody(self) -> dict[str, Scores]:
        """Weights by surface, shape (1, n_items)."""
        given, all_users = self._given, csr_matrix(np.ones((1, len(self._given.history.users)), dtype=np.float32))
        popularity = given.popularity[None, :]
        return {
            "for_you": popularity,
            "discover": demand.had_first(given.history, all_users, self._item_half_life),
            "trending": demand.rising(given.history, all_users),
            "new_for_you": np.where(self._is_new, np.maximum(popularity, _UNTOUCHED), 0),
        }

    def of_segments(self) -> dict[str, Scores]:
        """Weights by surface, shape (n_segments, n_items)."""
        history = self._given.history
        members = demand.members_of_segments(self._given.segments, SEGMENTS)
        wanted = demand.wanted(history, members, self._settings.features.affinity_half_life_days)
        return self._of_groups(wanted, members)

    def of_contexts(self) -> dict[str, Scores]:
        """Weights by surface, shape (n_contexts, n_items)."""
        return self._of_groups(self._wanted_there(), demand.members_of_contexts(self._given.history, self.contexts))

    def lists(
        self, rung: str, keys: Ids, weights: Mapping[str, Scores], everybody: Mapping[str, GroupLists]
    ) -> dict[str, GroupLists]:
        """Lists by surface, filled with everybody's of the same surface or with what is popular."""
        made: dict[str, GroupLists] = {}
        for surface in RUNG_SURFACES:
            own = self._best(rung, surface, weights[surface])
            filling = everybody.get(surface) or (made.get("for_you") if surface != "new_for_you" else None)
            if filling:
                rows = filling.of(np.full(len(keys), EVERYBODY))
                none_left_out = np.zeros(rows.items.shape, dtype=np.bool_)
                own = filled(own, rows, self._settings.lists.lake_items, none_left_out)
            limits = Limits.of(self._settings.lists, "trending")
            made[surface] = GroupLists(keys, choose(own, self._settings.lists.lake_items, limits, self._traits))
        return made

    def _of_groups(self, wanted: Scores, members: csr_matrix) -> dict[str, Scores]:
        return {
            "for_you": wanted,
            "discover": demand.had_first(self._given.history, members, self._item_half_life),
            "trending": demand.rising(self._given.history, members),
            "new_for_you": np.where(self._is_new, wanted, 0),
        }

    def _wanted_there(self) -> Scores:
        """Shape (n_contexts, n_items): weights of the contexts' own table."""
        rows, items = self._given.contexts, self._given.catalogue.items
        weights = np.zeros((len(self.contexts), len(items)), dtype=np.float32)
        if len(rows):
            item_ids = rows["item_id"].to_numpy(dtype=np.str_)
            known = np.isin(item_ids, items)
            key = np.searchsorted(self.contexts, rows["key"].to_numpy(dtype=np.str_)[known])
            weights[key, np.searchsorted(items, item_ids[known])] = rows["weight"].to_numpy(np.float32)[known]
        return weights

    def _best(self, rung: str, surface: str, weights: Scores) -> Pool:
        """The heaviest items of each group; what has no weight is left out."""
        values = np.where(weights > 0, weights, -np.inf).astype(np.float32)
        best = top_k(values, self._width, available=self._allowed)
        source = np.full(best.items.shape, _SOURCE[surface], dtype=np.int16)
        pool = Pool.of_items(best.items, best.scores, source)
        reason = {"trending": TRENDING, "new_for_you": NEW}.get(surface, _REASON[rung])
        codes = np.where(best.items == NO_ITEM, pool.reasons, REASONS.index(reason)).astype(np.int8)
        return replace(pool, reasons=codes)

    @property
    def _width(self) -> int:
        return (
            self._settings.lists.pool_items
            if self._settings.lists.max_per_category
            else self._settings.lists.lake_items
        )

    @property
    def _item_half_life(self) -> int:
        return self._settings.features.item_half_life_days


_NONE = np.empty(0, dtype=np.str_)
