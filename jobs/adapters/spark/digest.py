"""The digest of `jobs/adapters/lake/digest.py`, computed by Spark in one pass over the written frame."""

from datetime import date
from functools import reduce
from operator import add

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.adapters.lake.digest import finish
from jobs.adapters.spark.types import RUN_DATE
from jobs.core.table import Column, Table


def digest_frame(table: Table, frame: DataFrame) -> dict[date, tuple[int, str]]:
    """Number of rows and digest per run date; a date without rows is absent."""
    sums = frame.groupBy(RUN_DATE).agg(*digest_columns(table))
    return {
        row[RUN_DATE]: (row["n_rows"], finish(table, row["n_rows"], int(row["total"]), row["folded"]))
        for row in sums.collect()
    }


def digest_columns(table: Table) -> list[Expression]:
    """What is summed over rows: `n_rows`, `total` and `folded`, as `finish` takes them."""
    hashed = row_hash(table)
    return [
        F.count(F.lit(1)).alias("n_rows"),
        F.coalesce(F.sum(hashed.cast("decimal(20,0)")), F.lit(0)).alias("total"),
        F.coalesce(F.bit_xor(hashed), F.lit(0)).alias("folded"),
    ]


def row_hash(table: Table) -> Expression:
    """Hash of one row: nulls' bit mask first, then the stable columns in the table's order."""
    columns = table.stable_columns
    mask = reduce(
        add, (F.col(column.name).isNull().cast("long") * F.lit(2**bit) for bit, column in enumerate(columns))
    )
    return F.xxhash64(mask, *(part for column in columns for part in _parts(column)))


def _parts(column: Column) -> list[Expression]:
    value = F.col(column.name)
    if column.type.startswith("array"):
        return [F.when(value.isNotNull(), F.size(value).cast("long")), value]
    return [value]
