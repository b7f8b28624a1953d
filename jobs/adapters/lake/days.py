"""Many days of one table at once, with pyarrow: hundreds of small files cost what one large file costs."""

from collections.abc import Sequence
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.lake.manifest import Manifest
from jobs.adapters.lake.store import Lake
from jobs.core.table import Table

RUN_DATE = "run_date"


def read_days(lake: Lake, table: Table, manifests: Sequence[Manifest], columns: Sequence[str]) -> pd.DataFrame:
    """Current rows of some partitions.

    Parameters
    ----------
    manifests
        Of the partitions, in any order.
    columns
        Of the table.

    Returns
    -------
    DataFrame
        ``run_date`` (datetime64) and the columns, ordered by run date and the table's grain. Strings are categories,
        decimals are float64: exact as far as sums of money and weights go.

    Raises
    ------
    StorageError
        If a file is damaged or gone, or was written with another schema of the table.
    """
    schema = pa.schema([arrow_schema(table).field(name) for name in dict.fromkeys([*table.grain, *columns])])
    parts = [_read_partition(lake, table, manifest, schema) for manifest in sorted(manifests, key=_run_date)]
    empty = schema.append(pa.field(RUN_DATE, pa.date32())).empty_table()
    rows = pa.concat_tables([empty, *parts]).combine_chunks()
    keys = [(name, "ascending") for name in (RUN_DATE, *table.grain)]
    ordered = rows.sort_by(keys).select([RUN_DATE, *columns])
    frame: pd.DataFrame = _light(ordered).to_pandas(date_as_object=False)
    return frame


def manifests_between(lake: Lake, table: Table, first: date, last: date, made_by: str) -> list[Manifest]:
    """Manifests of every day of a span; those before the oldest partition there is have left the lake, and lack.

    Raises
    ------
    MissingPartitionError
        If the last day, or one after the oldest partition, is not there.
    """
    there = lake.run_dates(table.name)
    oldest = max(first, min([*there, last]))
    days = (oldest + timedelta(n) for n in range((last - oldest).days + 1))
    return [lake.require(table.name, day, made_by) for day in days]


def _read_partition(lake: Lake, table: Table, manifest: Manifest, schema: pa.Schema) -> pa.Table:
    if manifest.schema_version != table.schema_version:
        raise lake.damaged(
            manifest, f"it has schema version {manifest.schema_version}, this code reads {table.schema_version}"
        )
    paths = [str(path) for path in lake.paths(manifest)]
    try:
        rows = ds.dataset(paths, schema=schema, format="parquet").to_table() if paths else schema.empty_table()
    except (pa.ArrowException, OSError) as error:
        raise lake.damaged(manifest, f"a file is damaged or gone ({error})") from None
    return rows.append_column(RUN_DATE, pa.array([manifest.run_date] * rows.num_rows, pa.date32()))


def _light(rows: pa.Table) -> pa.Table:
    """Strings once each, and numbers that NumPy knows."""
    fields = [pa.field(field.name, _LIGHT.get(field.type, field.type)) for field in rows.schema]
    return rows.cast(pa.schema(fields))


_LIGHT = {pa.string(): pa.dictionary(pa.int32(), pa.string()), pa.decimal128(18, 4): pa.float64()}


def _run_date(manifest: Manifest) -> date:
    return manifest.run_date
