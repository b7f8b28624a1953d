"""Rows of a generation from its files, a slice of keys at a time: memory does not grow with the number of users."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.adapters.lake.arrow import arrow_schema
from jobs.features.online import ONLINE_VIEWS
from jobs.features.spec import ENTITY_KEY, FeatureView

Files = Mapping[str, Sequence[Path]]
"""Files of one night by name of the view."""

Slice = dict[str, pa.Table]
"""Rows of some keys of one entity, by name of the view; a view without any of them is left out."""

SLICE_ROWS = 8_000  # rows of a file read at once: a slice is some such files' worth, 100 MB with six lists of twenty


def count_keys(files: Files) -> int:
    """Rows of the largest view of every entity, summed: about how many keys the slices will hold."""
    rows = {name: sum(pq.read_metadata(file).num_rows for file in paths) for name, paths in files.items()}
    return sum(max((rows.get(view.name, 0) for view in of), default=0) for of in _by_entity().values())


@dataclass(frozen=True)
class KeyRange:
    """Keys of one entity, `after` < key <= `upto` in the order of their bytes; None where it is open."""

    entity: str
    after: str | None = None
    upto: str | None = None

    def meets(self, first: str, last: str) -> bool:
        """Whether any key from the first to the last may be of it."""
        return (self.after is None or last > self.after) and (self.upto is None or first <= self.upto)

    def rows_of(self, rows: pa.Table, key: str) -> pa.Table:
        """The rows of a table, ordered or not, whose key is of it."""
        keys = rows.column(key)
        if self.after is not None:
            rows = rows.filter(pc.greater(keys, self.after))
            keys = rows.column(key)
        return rows if self.upto is None else rows.filter(pc.less_equal(keys, self.upto))


def key_ranges(files: Files, keys: int) -> list[KeyRange]:
    """Ranges that together hold every key once, of about so many keys each; no entity is left out.

    The largest view of an entity says where to cut; only its keys are read.
    """
    return [one for entity, views in _by_entity().items() for one in _ranges_of(entity, views, files, keys)]


def _ranges_of(entity: str, views: Sequence[FeatureView], files: Files, keys: int) -> Iterator[KeyRange]:
    size = {view.name: sum(pq.read_metadata(file).num_rows for file in files.get(view.name, ())) for view in views}
    widest = max(views, key=lambda view: size[view.name])
    columns = [pq.read_table(file, columns=[widest.key], partitioning=None) for file in files.get(widest.name, ())]
    cuts: list[str] = []
    if columns:
        ordered = pa.concat_tables(columns).sort_by(widest.key).column(widest.key)
        cuts = [ordered[at].as_py() for at in range(keys, len(ordered), keys)]
    yield from (KeyRange(entity, *ends) for ends in pairwise((None, *dict.fromkeys(cuts), None)))


def read_slices(files: Files, rows: int = SLICE_ROWS, within: KeyRange | None = None) -> Iterator[Slice]:
    """All rows, or those of some keys, each key in one slice with all its views.

    Parameters
    ----------
    files
        Of every view; a file is ordered by its view's key, as the lake writes it, or is put into that order
        as a whole.
    rows
        Of a file, read at once.
    within
        The keys; all by default. What a file says of its parts spares reading those without any of them.
    """
    for entity, views in _by_entity().items():
        if within is not None and within.entity != entity:
            continue
        asked = within or KeyRange(entity)
        streams = [_Stream(view, file, rows, asked) for view in views for file in files.get(view.name, ())]
        yield from _merge([stream for stream in streams if stream.fill()])


def _by_entity() -> dict[str, list[FeatureView]]:
    return {entity: [view for view in ONLINE_VIEWS.values() if view.entity == entity] for entity in ENTITY_KEY}


def _merge(streams: list["_Stream"]) -> Iterator[Slice]:
    """Take from every stream up to the smallest last key of what any has read: no later batch holds that key.

    A file's last batch ends with its last key, so that stream is then read empty and leaves.
    """
    while streams:
        limit = min(stream.last for stream in streams)
        parts: dict[str, list[pa.Table]] = {}
        for stream in streams:
            taken = stream.take(limit)
            if taken.num_rows:
                parts.setdefault(stream.view.name, []).append(taken)
        yield {name: pa.concat_tables(tables).combine_chunks() for name, tables in parts.items()}
        streams = [stream for stream in streams if stream.fill()]


class _Stream:
    """One file of a view in the order of its keys, which are unique within the view."""

    def __init__(self, view: FeatureView, file: Path, rows: int, within: KeyRange) -> None:
        self.view = view
        self._schema = arrow_schema(view.table)
        read = _ordered(file, view.key, self._schema, rows, within)
        self._batches = (within.rows_of(batch, view.key) for batch in read)
        self._held = self._schema.empty_table()

    @property
    def last(self) -> str:
        """The greatest key that is held."""
        key: str = self._held.column(self.view.key)[-1].as_py()
        return key

    def fill(self) -> bool:
        """Hold rows again where none are; False at the end."""
        while not self._held.num_rows:
            batch = next(self._batches, None)
            if batch is None:
                return False
            self._held = batch
        return True

    def take(self, limit: str) -> pa.Table:
        """Rows up to a key."""
        # Arrow orders text by its bytes, as Python does by code points: the same order.
        n_rows = pc.sum(pc.less_equal(self._held.column(self.view.key), limit)).as_py() or 0
        taken, self._held = self._held.slice(0, n_rows), self._held.slice(n_rows)
        return taken


def _ordered(file: Path, key: str, schema: pa.Schema, rows: int, within: KeyRange) -> Iterator[pa.Table]:
    if not _is_ordered(file, key, rows):
        whole = pq.read_table(file, columns=schema.names, partitioning=None).cast(schema).sort_by(key)
        yield from (whole.slice(start, rows) for start in range(0, whole.num_rows, rows))
        return
    with pq.ParquetFile(file) as parquet:
        groups = _groups(parquet, key, within)
        for batch in parquet.iter_batches(batch_size=rows, columns=schema.names, row_groups=groups):
            yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)


def _groups(parquet: pq.ParquetFile, key: str, within: KeyRange) -> list[int]:
    """Row groups that may hold keys of a range, by the smallest and the greatest key that the footer tells."""
    metadata, place = parquet.metadata, parquet.schema_arrow.names.index(key)
    told = [metadata.row_group(group).column(place).statistics for group in range(metadata.num_row_groups)]
    return [
        group
        for group, keys in enumerate(told)
        if keys is None or not keys.has_min_max or within.meets(keys.min, keys.max)
    ]


def _is_ordered(file: Path, key: str, rows: int) -> bool:
    """Whether a file's keys ascend; reads that column alone."""
    before = ""
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(batch_size=rows, columns=[key]):
            keys = batch.column(0)
            if keys[0].as_py() < before or not _ascend(keys):
                return False
            before = keys[-1].as_py()
    return True


def _ascend(keys: pa.Array) -> bool:
    return pc.all(pc.less_equal(keys.slice(0, len(keys) - 1), keys.slice(1))).as_py() is not False
