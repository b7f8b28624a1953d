"""The quarantine: rows that are no events, with their text."""

from collections.abc import Iterable
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.transforms.mapping import RAW_AS_JSON

_COLUMNS = ("run_date", "source", "reason", "header", "raw", "source_file")


def build_quarantine(refused: DataFrame, raw: Iterable[DataFrame]) -> DataFrame:
    """One row per run_date, source, reason and different raw row.

    Parameters
    ----------
    refused
        Rows with a `reason` and their `row_hash`. What a rule over several rows refused has no text there.
    raw
        Rows of the logs, as they were read: the text of those is looked up by its hash.
    """
    with_text = refused.filter("raw IS NOT NULL").select(*_COLUMNS)
    hashes = (
        refused.filter("raw IS NULL").groupBy("run_date", "source", "row_hash").agg(F.min("reason").alias("reason"))
    )
    looked_up = (rows.join(F.broadcast(hashes), on=["run_date", "source", "row_hash"], how="inner") for rows in raw)
    return (
        reduce(DataFrame.unionByName, (rows.select(*_COLUMNS) for rows in looked_up), with_text)
        .groupBy("run_date", "source", "reason", "header", "raw")
        .agg(F.count("*").alias("n_copies"), F.min("source_file").alias("source_file"))
        .selectExpr("run_date", "source", "reason", f"{RAW_AS_JSON} AS raw", "n_copies", "source_file")
    )
