"""Whether Java compiles what a large day's rows run through."""

import re

from app import DAY, app_settings, line, raw_frame
from pyspark.sql import DataFrame, SparkSession

from jobs.core.raw_format import field_name
from jobs.transforms.cleaning import judge

APP = app_settings()

LARGEST = 8_000
"""Bytes of a method: Java's own bound of what is worth compiling."""


def largest_method(frame: DataFrame) -> int:
    """Bytes of the largest method that Spark makes of a frame's plan."""
    debug = getattr(frame.sparkSession._jvm, "org.apache.spark.sql.execution.debug.package")
    code = debug.codegenString(frame._jdf.queryExecution().executedPlan())
    return max(map(int, re.findall(r"maxMethodCodeSize:(\d+)", code)))


def rows_with_fields(spark: SparkSession) -> DataFrame:
    """Rows of a format with columns of its own, each read by the mapping."""
    texts = (f"'{field_name(name)}', CAST(id AS string)" for name in APP.sources["app"].source_columns)
    return spark.range(1).selectExpr(
        f"DATE'{DAY}' AS run_date",
        "'app' AS source",
        *(f"CAST(id AS string) AS {name}" for name in ("header", "raw", "source_file")),
        "id AS row_hash",
        f"named_struct({', '.join(texts)}) AS fields",
    )


def test_judging_is_made_of_methods_that_java_compiles(spark: SparkSession) -> None:
    for rows in (rows_with_fields(spark), raw_frame(spark, [line()])):
        assert largest_method(judge({"app": [rows]}, APP)) <= LARGEST
