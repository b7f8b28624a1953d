"""Tables as Spark sees them."""

from pyspark.sql.types import StructField, StructType, _parse_datatype_string

from jobs.core.table import Table

RUN_DATE = "run_date"


def spark_type(kind: str) -> str:
    """Spark's DDL name of a column type."""
    return kind.replace("long", "bigint")


def spark_schema(table: Table) -> StructType:
    """The table's columns as a Spark schema; files are read with it, never with a guessed one."""
    return StructType(
        [StructField(column.name, _parse_datatype_string(spark_type(column.type)), True) for column in table.columns]
    )


def contract(table: Table) -> list[str]:
    """SQL for the run date and the table's columns, cast to their types, in order: a frame's last select."""
    columns = [f"CAST({column.name} AS {spark_type(column.type)}) AS {column.name}" for column in table.columns]
    return [f"CAST({RUN_DATE} AS date) AS {RUN_DATE}", *columns]
