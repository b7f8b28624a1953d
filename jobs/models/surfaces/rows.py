"""Rows of `recommendations` out of lists: the one way from candidates to the table."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix

from jobs.core.config import Settings
from jobs.core.surfaces import ITEM_SURFACES, REASONS
from jobs.datasets import list_rows
from jobs.datasets.history import Ids
from jobs.datasets.past import Catalogue
from jobs.models.candidates import Candidates
from jobs.models.lists import NO_ITEM
from jobs.models.surfaces.anchors import Anchors
from jobs.models.surfaces.given import SurfaceInput, listable
from jobs.models.surfaces.item_lists import build_item_lists
from jobs.models.surfaces.pool import Pool
from jobs.models.surfaces.rungs import EVERYBODY, RungLists
from jobs.models.surfaces.user_lists import build_user_lists, source_names


def build_user_rows(
    candidates: Candidates,
    users: Ids,
    given: SurfaceInput,
    settings: Settings,
    model: str,
    anchors: Anchors | None = None,
) -> pd.DataFrame:
    """Rows of all surfaces of users.

    A million users do not fit into one frame of strings: give a part of them at a time.

    Parameters
    ----------
    candidates
        What the champion answered.
    users
        Shape (n_users,): ids, in the order of the candidates.
    given
        Of the same users and items.
    settings
        Of the app.
    model
        Content name of the champion. Rows that a lower rung filled in carry the name of `given.rungs.model`.
    anchors
        See `build_user_lists`.

    Returns
    -------
    DataFrame
        The columns of `recommendations`, in the order surface, user, rank within each batch of users.
    """
    names, models = source_names(candidates, given), (model, given.rungs.model)
    parts = [
        _rows("user", users[start : start + len(lists.items)], surface, lists, candidates.items, names, models)
        for start, by_surface in build_user_lists(candidates, given, settings, anchors)
        for surface, lists in by_surface.items()
    ]
    return list_rows.joined(parts)


def build_rung_rows(rungs: RungLists, settings: Settings) -> pd.DataFrame:
    """Rows of segments, contexts and everybody.

    Where nothing is wanted by anybody yet, everybody gets the configured list of last resort, less what is blocked.

    Parameters
    ----------
    rungs
        Of `build_rung_lists`.
    settings
        Of the app: `lists.fallback`, `lists.blocked`.
    """
    models = (rungs.model, rungs.model)
    parts = [
        _rows(rung, group.keys, surface, group.pool, rungs.items, rungs.sources, models)
        for (rung, surface), group in rungs.groups.items()
    ]
    return list_rows.joined([*parts, *_last_resort(rungs, settings)])


def build_item_rows(
    neighbours: Mapping[str, csr_matrix | None],
    sources: Mapping[str, str],
    catalogue: Catalogue,
    settings: Settings,
    model: str,
) -> pd.DataFrame:
    """Rows of every item's own lists.

    Parameters
    ----------
    neighbours
        By surface (`similar`, `bought_together`): shape (n_items, n_items), row i how much item i speaks for others;
        a surface without them, or with None, has no rows.
    sources
        By surface: name of the source that they are from.
    catalogue
        Of the same items.
    settings, model
        Of the app; content name of the champion that holds the sources.
    """
    allowed = listable(catalogue, settings.lists.blocked)
    parts = []
    for surface in ITEM_SURFACES:
        found = neighbours.get(surface)
        if found is not None:
            lists = build_item_lists(surface, found, allowed, settings.lists.lake_items)
            named = (sources[surface],)
            parts.append(_rows("item", catalogue.items, surface, lists, catalogue.items, named, (model, model)))
    return list_rows.joined(parts)


def _rows(
    entity: str, keys: Ids, surface: str, lists: Pool, items: Ids, sources: tuple[str, ...], models: tuple[str, str]
) -> pd.DataFrame:
    """Rows of one surface's lists; `models` made what is on them, and what fills them."""
    row, place = np.nonzero(lists.items != NO_ITEM)
    anchor = lists.anchors[row, place]
    # With an empty name at the end, -1 names nothing.
    names = np.append(items, "").astype(object)
    return list_rows.of_columns(
        entity=entity,
        key=keys.astype(object)[row],
        surface=surface,
        rank=place + 1,
        item_id=names[lists.items[row, place]],
        score=lists.scores[row, place].astype(np.float64),
        reason=np.array(REASONS, dtype=object)[lists.reasons[row, place]],
        anchor=names[anchor],
        source=np.array(sources or ("",), dtype=object)[lists.sources[row, place]],
        model=np.array(models, dtype=object)[lists.is_filling[row, place].astype(np.int64)],
    )


def _last_resort(rungs: RungLists, settings: Settings) -> list[pd.DataFrame]:
    popular = rungs.groups.get((EVERYBODY, "for_you"))
    if popular is not None and popular.pool.lengths.any():
        return []
    items = [item for item in settings.lists.fallback if item not in settings.lists.blocked]
    return [list_rows.last_resort(items, rungs.model)]
