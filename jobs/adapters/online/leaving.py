"""Takes out of rows who and what has left since they were made."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.lake_rows import Slice
from jobs.datasets.serving import withdraw_items
from jobs.features.online import ONLINE_VIEWS, views_withdrawn
from jobs.features.serving import LIST_VIEWS, USER_SERVING

_LISTS = frozenset(listed.view.name for listed in LIST_VIEWS)
_STATUSES = ("opted_out", "deleted")


@dataclass(frozen=True)
class Leaving:
    """Who and what may not be served.

    Attributes
    ----------
    statuses
        All of `user_status`: the status by user.
    delisted
        Items that nobody may be shown.
    mark
        The partitions that say so, or older ones: never newer, or what is kept with the rows would claim too much.
    """

    statuses: Mapping[str, str]
    delisted: Collection[str]
    mark: StatusMark

    def apply(self, rows: Slice) -> Slice:
        """The rows that may be served, as `withdraw_users` and `withdraw_items` of jobs/datasets/serving.py say."""
        return {name: self._without_items(name, self._without_users(name, table)) for name, table in rows.items()}

    def _without_users(self, name: str, rows: pa.Table) -> pa.Table:
        gone = self._gone.get(name)
        if gone is not None and len(gone):
            rows = rows.filter(pc.invert(pc.is_in(rows.column("user_id"), value_set=gone)))
        return self._restated(rows) if name == USER_SERVING.name and self.statuses else rows

    def _restated(self, rows: pa.Table) -> pa.Table:
        users, statuses = self._known
        place = pc.index_in(rows.column("user_id"), value_set=users)
        status = pc.coalesce(statuses.take(place.combine_chunks()), rows.column("status").combine_chunks())
        return rows.set_column(rows.schema.get_field_index("status"), "status", status)

    def _without_items(self, name: str, rows: pa.Table) -> pa.Table:
        if name not in _LISTS or not self._names_delisted(rows):
            return rows
        [frame] = withdraw_items({name: rows.to_pandas()}, self.delisted).values()
        return pa.Table.from_pandas(frame, schema=arrow_schema(ONLINE_VIEWS[name].table), preserve_index=False)

    def _names_delisted(self, rows: pa.Table) -> bool:
        named = pc.is_in(pc.list_flatten(rows.column("items")), value_set=self._items)
        return bool(pc.any(named).as_py())

    @cached_property
    def _gone(self) -> dict[str, pa.Array]:
        users = {wanted: [user for user, status in self.statuses.items() if status == wanted] for wanted in _STATUSES}
        names = {name for status in _STATUSES for name in views_withdrawn(status)}
        return {
            name: pa.array([user for s in _STATUSES if name in views_withdrawn(s) for user in users[s]], pa.string())
            for name in names
        }

    @cached_property
    def _known(self) -> tuple[pa.Array, pa.Array]:
        return pa.array(list(self.statuses), pa.string()), pa.array(list(self.statuses.values()), pa.string())

    @cached_property
    def _items(self) -> pa.Array:
        return pa.array(sorted(self.delisted), pa.string())
