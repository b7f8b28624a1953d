"""Lists of groups of users, by surface: the rungs of the ladder below a user's own list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jobs.datasets.history import Ids
from jobs.models.lists import NO_ITEM
from jobs.models.surfaces.pool import Pool, empty_pool, to_the_front

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
        found = Pool(**{name: values[row] for name, values in vars(self.pool).items()})
        return found.columns(
            np.where(self.keys[row][:, None] == keys[:, None], np.arange(self.pool.items.shape[1]), -1).astype(
                np.int64
            )
        )


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

    def aligned_to(self, items: Ids) -> "RungLists":
        """The same lists over other items, ascending: those that a model knows; the others leave the lists."""
        if np.array_equal(items, self.items) or not len(items):
            return self
        place = np.searchsorted(items, self.items).clip(max=len(items) - 1).astype(np.int32)
        place = np.append(np.where(items[place] == self.items, place, NO_ITEM), NO_ITEM).astype(np.int32)
        moved = {key: GroupLists(each.keys, _moved(each.pool, place)) for key, each in self.groups.items()}
        return replace(self, items=items, groups=moved)

    def for_segments(self, surface: str, segments: Ids) -> Pool | None:
        """The list of each user's segment; None where the surface has no rungs."""
        lists = self.groups.get(("segment", surface))
        return lists.of(segments) if lists else None


def _moved(pool: Pool, place: npt.NDArray[np.int32]) -> Pool:
    """Positions as `place` gives them, the last of which is that of no item."""
    items = place[pool.items]
    return to_the_front(replace(pool, items=items), items != NO_ITEM, items.shape[1])
