"""Expectations that follow from a table's schema: the one place for columns, types, nulls and keys."""

import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import named, unique_together
from jobs.adapters.quality.prepare import RUN_DATE, Frame
from jobs.core.table import Column, Table

# The engines compare classes only; precision and element types are cast when a frame is written.
SPARK_TYPES = {
    "string": "StringType",
    "long": "LongType",
    "int": "IntegerType",
    "double": "DoubleType",
    "boolean": "BooleanType",
    "date": "DateType",
    "timestamp": "TimestampType",
    "decimal(18,4)": "DecimalType",
    "array<string>": "ArrayType",
    "array<long>": "ArrayType",
    "array<double>": "ArrayType",
}

# Dates, times, decimals and lists have no class of their own in pandas; Arrow checks them on writing.
PANDAS_TYPES = {
    "string": ["str"],
    "long": ["int64", "Int64"],
    "int": ["int32", "Int32", "int64"],
    "double": ["float64"],
    "boolean": ["bool", "boolean"],
}

LARGEST = 1e300  # no honest number comes near; infinity does, and Spark sorts NaN above it


def structure_expectations(table: Table, frame: Frame) -> list[Expectation]:
    """Columns in order and their types. On Spark these look at the schema and read no row."""
    ordered = gxe.ExpectTableColumnsToMatchOrderedList(
        column_list=[RUN_DATE, *table.column_names],
        severity="critical",
        meta=named("columns", "the table's schema: all columns, in order, and no other"),
    )
    # A column that is not there has no type; `columns` already says that it is missing.
    there = [column for column in table.columns if column.name in frame.columns]
    if isinstance(frame, pd.DataFrame):
        return [ordered, *(_pandas_type(column) for column in there if column.type in PANDAS_TYPES)]
    return [ordered, *(_spark_type(column) for column in there)]


def content_expectations(table: Table) -> list[Expectation]:
    """Nulls, finite numbers, and the key within each run date."""
    present = [_present(column) for column in table.columns if not column.nullable]
    finite = [_finite(column) for column in table.columns if column.type == "double"]
    return [*present, *finite, *([_unique(table)] if table.grain else [])]


def structure_names(table: Table) -> list[str]:
    """Names of the expectations about the structure, whatever holds the rows."""
    return ["columns", *(f"{column.name}_type" for column in table.columns)]


def _spark_type(column: Column) -> Expectation:
    return gxe.ExpectColumnValuesToBeOfType(
        column=column.name,
        type_=SPARK_TYPES[column.type],
        severity="critical",
        meta=_type_meta(column),
    )


def _pandas_type(column: Column) -> Expectation:
    # A column of integers with gaps is one of floats in pandas.
    with_gaps = ["float64"] if column.nullable and column.type in ("long", "int") else []
    return gxe.ExpectColumnValuesToBeInTypeList(
        column=column.name,
        type_list=[*PANDAS_TYPES[column.type], *with_gaps],
        severity="critical",
        meta=_type_meta(column),
    )


def _type_meta(column: Column) -> dict[str, str]:
    return named(f"{column.name}_type", f"the table's schema: {column.type}, {column.doc}")


def _present(column: Column) -> Expectation:
    return gxe.ExpectColumnValuesToNotBeNull(
        column=column.name,
        severity="critical",
        meta=named(f"{column.name}_present", f"the table's schema: {column.doc}; never left out"),
    )


def _finite(column: Column) -> Expectation:
    return gxe.ExpectColumnValuesToBeBetween(
        column=column.name,
        min_value=-LARGEST,
        max_value=LARGEST,
        severity="critical",
        meta=named(f"{column.name}_finite", "not a number, or infinite: somewhere it was divided by zero"),
    )


def _unique(table: Table) -> Expectation:
    grain = ", ".join(table.grain)
    return unique_together("unique", table.grain, f"the table's grain: {table.doc} One row per {grain}.")
