"""Rows of a generation from its files, a slice of keys at a time: memory does not grow with the number of users."""

from collections.abc import Iterator, Mapping, Sequence
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


def read_slices(files: Files, rows: int = SLICE_ROWS) -> Iterator[Slice]:
    """All rows, each key in one slice with all its views.

    Parameters
    ----------
    files
        Of every view; a file is ordered by its view's key, as the lake writes it, or is put into that order
        as a whole.
    rows
        Of a file, read at once.
    """
    for views in _by_entity().values():
        streams = [_Stream(view, file, rows) for view in views for file in files.get(view.name, ())]
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

    def __init__(self, view: FeatureView, file: Path, rows: int) -> None:
        self.view = view
        self._schema = arrow_schema(view.table)
        self._batches = _ordered(file, view.key, self._schema, rows)
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


def _ordered(file: Path, key: str, schema: pa.Schema, rows: int) -> Iterator[pa.Table]:
    if not _is_ordered(file, key, rows):
        whole = pq.read_table(file, columns=schema.names, partitioning=None).cast(schema).sort_by(key)
        yield from (whole.slice(start, rows) for start in range(0, whole.num_rows, rows))
        return
    with pq.ParquetFile(file) as parquet:
        for batch in parquet.iter_batches(batch_size=rows, columns=schema.names):
            yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)


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
