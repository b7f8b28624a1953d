"""Bots and scripts: visitors who did on one run date what no person does."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.meaning import BotSettings
from jobs.core.config.model import Settings
from jobs.transforms.visitors import VISITOR


def find_bots(rows: DataFrame, settings: Settings) -> DataFrame:
    """The visitors that break a rule of `clean.bots`.

    Parameters
    ----------
    rows
        run_date, event_time, item_id and the ids of rows that are events so far. The visitor is the one that the
        row itself names, before identity: a script is not excused by whoever used its device later.
    settings
        The limits.

    Returns
    -------
    DataFrame
        One row per run_date and visitor: reason ``bot_rate`` (more than max_events events), ``bot_breadth`` (more
        than max_items different items) or ``bot_rhythm`` (min_events or more, and pauses whose standard deviation
        is less than min_pause_deviation times their mean); the first that holds.
    """
    bots = settings.clean.bots
    seen = rows.selectExpr("run_date", f"{VISITOR} AS visitor", "event_time", "item_id")
    busy = seen.groupBy("run_date", "visitor").agg(F.count("*").alias("n_events")).filter(_is_suspect(bots))
    measured = _measure(seen.join(F.broadcast(busy), on=["run_date", "visitor"], how="inner"))
    return measured.selectExpr("run_date", "visitor", f"{_reason(bots)} AS reason").filter("reason IS NOT NULL")


def _is_suspect(bots: BotSettings) -> str:
    """SQL over a visitor's count: whether any rule can hold. Nearly all visitors end here."""
    least = [limit + 1 for limit in (bots.max_events, bots.max_items) if limit is not None]
    if bots.min_pause_deviation is not None:
        least.append(bots.min_events)
    return f"n_events >= {min(least)}" if least else "false"


def _measure(rows: DataFrame) -> DataFrame:
    """One row per run_date and visitor: events, different items, and sums over the pauses in milliseconds.

    Sums of integers: those of fractions would depend on the order of rows. The squares of a month's pauses fit
    into eight bytes.
    """
    window = "PARTITION BY run_date, visitor ORDER BY event_time"
    paused = rows.selectExpr("*", f"unix_millis(event_time) - unix_millis(lag(event_time) OVER ({window})) AS pause")
    # An item is told by its first row: a count of distinct texts would be a pass of its own.
    told = paused.selectExpr(
        "*", "row_number() OVER (PARTITION BY run_date, visitor, item_id ORDER BY event_time) AS nth"
    )
    return told.groupBy("run_date", "visitor", "n_events").agg(
        F.expr("count_if(item_id IS NOT NULL AND nth = 1) AS n_items"),
        F.count("pause").alias("n_pauses"),
        F.sum("pause").alias("pauses"),
        F.expr("sum(pause * pause) AS squares"),
    )


def _reason(bots: BotSettings) -> str:
    rules = []
    if bots.max_events is not None:
        rules.append(f"WHEN n_events > {bots.max_events} THEN 'bot_rate'")
    if bots.max_items is not None:
        rules.append(f"WHEN n_items > {bots.max_items} THEN 'bot_breadth'")
    if bots.min_pause_deviation is not None:
        # Rows of one moment, such as the lines of an order, have no rhythm: their pauses add up to nothing.
        rules.append(
            f"WHEN n_events >= {bots.min_events} AND pauses > 0 "
            f"AND {_SQUARED_DEVIATION} < {bots.min_pause_deviation**2!r}D THEN 'bot_rhythm'"
        )
    return f"CASE {' '.join(rules)} END" if rules else "CAST(NULL AS string)"


_TOTAL = "CAST(pauses AS decimal(19,0))"
# (deviation / mean) squared = (n * sum of squares - squared sum) / squared sum; exact up to the last division.
_SQUARED_DEVIATION = (
    f"CAST(CAST(n_pauses AS decimal(18,0)) * CAST(squares AS decimal(19,0)) - {_TOTAL} * {_TOTAL} AS double) "
    f"/ CAST({_TOTAL} * {_TOTAL} AS double)"
)
