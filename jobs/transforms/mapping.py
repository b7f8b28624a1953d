"""From raw rows to event columns, by the mapping in the app's file; everything still text."""

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from jobs.core.config.log import ColumnRule, LogSettings
from jobs.core.schemas import MAPPABLE


def map_columns(rows: DataFrame, log: LogSettings) -> DataFrame:
    """Add a text column per event column, and `is_parsed`.

    Parameters
    ----------
    rows
        Has `raw`; its other columns are kept.
    log
        The mapping. An event column without a rule is null.
    """
    schema = StructType([StructField(name, StringType()) for name in log.source_columns])
    # Spark reads the first object of a text and is silent about what follows; within brackets it has to be the
    # only one.
    objects = F.from_json(F.concat(F.lit("["), "raw", F.lit("]")), ArrayType(schema))
    only = F.when(F.size(objects) == 1, F.element_at(objects, 1))
    parsed = rows.withColumn("fields", only)
    return parsed.select(
        *rows.columns,
        F.col("fields").isNotNull().alias("is_parsed"),
        *(_mapped(name, log).alias(name) for name in MAPPABLE),
    )


def _mapped(name: str, log: LogSettings) -> Expression:
    rule = log.columns.get(name)
    if rule is None:
        return F.lit(None).cast("string")
    value = _read(rule)
    if name == "event_type":
        return _translated(value, log.event_types)
    return value


def _read(rule: ColumnRule) -> Expression:
    if rule.column is None:
        return F.lit(rule.constant)
    text = F.col("fields").getField(rule.column)
    value = F.nullif(F.trim(text), F.lit(""))
    if rule.extract is not None:
        value = F.nullif(F.regexp_extract(value, rule.extract, 1), F.lit(""))
    if rule.patterns is not None:
        choices = [F.when(value.rlike(pattern), F.lit(result)) for pattern, result in rule.patterns.items()]
        value = F.coalesce(*choices, F.lit(None))
    return value


def _translated(value: Expression, event_types: dict[str, str]) -> Expression:
    """The log's event type in our words; null where the app's file does not name it."""
    pairs = [F.lit(text) for pair in sorted(event_types.items()) for text in pair]
    return F.try_element_at(F.create_map(*pairs), value) if pairs else value
