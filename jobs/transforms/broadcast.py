"""Joins that leave the wide side where it is, as long as the narrow one fits into every task's memory."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

MOST_ROWS = 10_000_000
"""A narrow row takes about a hundred bytes; beyond a gigabyte moving the events costs less than it saves."""


def broadcast_if_small(narrow: DataFrame, most_rows: int = MOST_ROWS) -> DataFrame:
    """The frame, to be sent to every task where it has few rows.

    Parameters
    ----------
    narrow
        A few columns, kept in files or in memory: its rows are counted.
    most_rows
        Rows up to which it is sent.
    """
    return F.broadcast(narrow) if narrow.count() <= most_rows else narrow
