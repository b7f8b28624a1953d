"""Pandas frames and Arrow tables from and to the lake, for what is small enough not to need Spark."""

import functools
import operator
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.adapters.lake.manifest import Manifest
from jobs.adapters.lake.store import Attempt, Lake
from jobs.core.table import Table

_ARROW_TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "long": pa.int64(),
    "int": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "decimal(18,4)": pa.decimal128(18, 4),
    "array<string>": pa.list_(pa.string()),
    "array<long>": pa.list_(pa.int64()),
    "array<double>": pa.list_(pa.float64()),
}


ROWS_PER_GROUP = 20_000  # whoever reads some keys of an ordered file skips what holds none of them


def arrow_type(kind: str) -> pa.DataType:
    """The Arrow type of a type of columns."""
    return _ARROW_TYPES[kind]


def arrow_schema(table: Table) -> pa.Schema:
    """The table's columns as an Arrow schema."""
    return pa.schema([(column.name, _ARROW_TYPES[column.type]) for column in table.columns])


def read_pandas(lake: Lake, table: Table, manifest: Manifest, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Current rows of one partition, ordered by the table's grain.

    Parameters
    ----------
    columns
        By default all; the grain is read in any case, since it gives the order.
    """
    frame: pd.DataFrame = _read(lake, table, manifest, columns or table.column_names, None).to_pandas()
    return frame


def read_arrow_where(
    lake: Lake, table: Table, manifest: Manifest, wanted: Mapping[str, Sequence[str]], columns: Sequence[str]
) -> pa.Table:
    """Current rows of some keys of one partition, ordered by the table's grain; other rows stay on the disk.

    Parameters
    ----------
    wanted
        The values that are wanted, by column of strings; a row has one of each.
    columns
        Of the result.
    """
    each = [pc.field(key).isin(pa.array(list(values), pa.string())) for key, values in wanted.items()]
    return _read(lake, table, manifest, columns, functools.reduce(operator.and_, each))


def read_pandas_where(
    lake: Lake, table: Table, manifest: Manifest, wanted: Mapping[str, Sequence[str]], columns: Sequence[str]
) -> pd.DataFrame:
    """The same as a frame; see `read_arrow_where`."""
    frame: pd.DataFrame = read_arrow_where(lake, table, manifest, wanted, columns).to_pandas()
    return frame


def read_arrow_between(
    lake: Lake, table: Table, manifest: Manifest, equal: Mapping[str, str], key: str, ends: tuple[str, str]
) -> pa.Table:
    """Current rows of a range of keys of one partition, ordered by the table's grain.

    Parameters
    ----------
    equal
        The value that is wanted, by column of strings.
    key, ends
        A column of strings, and the first and the last value that is wanted. Of a file that is ordered by it little
        else is read.
    """
    first, last = ends
    where = (pc.field(key) >= first) & (pc.field(key) <= last)
    for name, value in equal.items():
        where &= pc.field(name) == value
    return _read(lake, table, manifest, table.column_names, where)


def _read(
    lake: Lake, table: Table, manifest: Manifest, columns: Sequence[str], where: pc.Expression | None
) -> pa.Table:
    wanted = [*dict.fromkeys([*table.grain, *columns])]
    schema = pa.schema([arrow_schema(table).field(name) for name in wanted])
    parts = [_read_file(path, wanted, manifest, lake, where).cast(schema) for path in lake.paths(manifest)]
    rows = pa.concat_tables([schema.empty_table(), *parts])
    if table.grain:
        rows = rows.sort_by([(name, "ascending") for name in table.grain])
    return rows.select(list(columns))


def _read_file(
    path: Path, columns: Sequence[str], manifest: Manifest, lake: Lake, where: pc.Expression | None
) -> pa.Table:
    try:
        return pq.read_table(path, columns=list(columns), partitioning=None, filters=where)
    except (pa.ArrowException, OSError) as error:
        raise lake.damaged(manifest, f"a file is damaged or gone: {path} ({error})") from None


def count_rows(attempt: Attempt, dates: Sequence[date]) -> int:
    """Rows that an attempt holds for some dates, from the files' footers."""
    files = [attempt.folder / name for day in dates for name in attempt.files(day)]
    return sum(pq.read_metadata(file).num_rows for file in files)


def read_attempt(table: Table, attempt: Attempt, dates: Sequence[date]) -> pd.DataFrame:
    """What was written for some dates, before it is current; with a `run_date` where there are several."""
    parts = [_read_day(table, attempt, day) for day in dates]
    rows = pa.concat_tables([arrow_schema(table).append(pa.field("run_date", pa.date32())).empty_table(), *parts])
    frame: pd.DataFrame = rows.to_pandas()
    return frame.drop(columns="run_date") if len(dates) == 1 else frame


def _read_day(table: Table, attempt: Attempt, day: date) -> pa.Table:
    schema = arrow_schema(table)
    files = [attempt.folder / name for name in attempt.files(day)]
    parts = [pq.read_table(file, columns=schema.names, partitioning=None).cast(schema) for file in files]
    rows = pa.concat_tables([schema.empty_table(), *parts])
    return rows.append_column("run_date", pa.array([day] * rows.num_rows, pa.date32()))


def write_pandas(table: Table, frame: pd.DataFrame, attempt: Attempt, run_date: date) -> None:
    """Write the rows of one run date into an attempt; an empty frame writes no file."""
    if frame.empty:
        return
    folder = attempt.partition(run_date)
    folder.mkdir(parents=True, exist_ok=True)
    rows = pa.Table.from_pandas(frame, schema=arrow_schema(table), preserve_index=False)
    if table.grain:
        rows = rows.sort_by([(name, "ascending") for name in table.grain])
    pq.write_table(rows, folder / "part-00000.parquet", compression="zstd", row_group_size=ROWS_PER_GROUP)


def empty_pandas(table: Table, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A frame without rows, with the table's columns and types."""
    rows = arrow_schema(table).empty_table().select(list(columns or table.column_names))
    frame: pd.DataFrame = rows.to_pandas()
    return frame
