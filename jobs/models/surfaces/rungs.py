"""Lists of groups of users, by surface: the rungs of the ladder below a user's own list."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from jobs.datasets.history import Ids
from jobs.models.surfaces.pool import Pool, empty_pool

EVERYBODY = "everybody"


@dataclass(frozen=True)
class GroupLists:
    """Lists of the groups of one rung for one surface.

    Attributes
    ----------
    keys
        Shape (n_groups,): ids, ascending.
    pool
        One row per group.
    """

    keys: Ids
    pool: Pool

    def of(self, keys: Ids) -> Pool:
        """The list of each key, none for a key without one.

        Parameters
        ----------
        keys
            Shape (n,): of any users.
        """
        if not len(self.keys):
            return empty_pool(len(keys), self.pool.items.shape[1])
        row = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        is_known = (self.keys[row] == keys)[:, None]
        columns = np.where(is_known, np.arange(self.pool.items.shape[1]), -1)
        return self.pool.rows(row).columns(columns.astype(np.int64))


@dataclass(frozen=True)
class RungLists:
    """Lists of every rung.

    Attributes
    ----------
    items
        Ids that positions count in, ascending.
    sources
        Names that sources of pools count in.
    model
        Content name of the rules that made them.
    groups
        By rung (segment, context, everybody) and surface.
    """

    items: Ids
    sources: tuple[str, ...]
    model: str
    groups: Mapping[tuple[str, str], GroupLists]

    @classmethod
    def none(cls, items: Ids) -> "RungLists":
        """No list at all: short lists stay short."""
        return cls(items=items, sources=(), model="", groups={})

    def for_segments(self, surface: str, segments: Ids) -> Pool | None:
        """The list of each user's segment; None where the surface has no rungs."""
        lists = self.groups.get(("segment", surface))
        return lists.of(segments) if lists else None
