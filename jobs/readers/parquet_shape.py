"""Which Parquet files cannot be read, by their schema; without Spark, so that `nightjar init` can say so too."""

from pathlib import Path

import pyarrow.parquet as pq

from jobs.core.errors import InputError


def refuse_shape(path: Path, schema: pq.ParquetSchema) -> None:
    """Let a file pass that the pipeline reads.

    Raises
    ------
    InputError
        If it has times that Spark does not know, or column names that differ in case only.
    """
    names = schema.to_arrow_schema().names
    if len({name.lower() for name in names}) < len(names):
        raise InputError(f"{path} has columns that differ in case only: {', '.join(names)}; rename one")
    for position in range(len(schema)):
        column = schema.column(position)
        if column.physical_type == "INT64" and "nanoseconds" in str(column.logical_type):
            raise InputError(
                f"{path}: column {column.name!r} holds times in nanoseconds, which Spark does not read; "
                "write the file with microseconds (in pandas: to_parquet(..., coerce_timestamps='us'))"
            )
