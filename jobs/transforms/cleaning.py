"""Cleaning: every raw row ends as a clean event, in quarantine with one reason, or as a duplicate."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.log import LogSettings
from jobs.core.config.model import Settings
from jobs.transforms.bots import find_bots
from jobs.transforms.duplicates import COPY_KEY, find_copies, find_near_duplicates
from jobs.transforms.late_copies import find_late, mark_late_copies
from jobs.transforms.mapping import map_columns
from jobs.transforms.reasons import reason
from jobs.transforms.typed_values import build_typed
from jobs.transforms.visitors import VISITOR

_MARKS = ("is_parsed", "is_meant", "is_test", "has_time")


def judge(logs: Mapping[str, Sequence[DataFrame]], settings: Settings, items: DataFrame | None = None) -> DataFrame:
    """Map, type and judge the rows of the logs of events.

    Parameters
    ----------
    logs
        Raw rows by log: run_date, source, header, raw, source_file, `row_hash` and perhaps `fields`. At least one.
    settings
        The mappings and the limits.
    items
        `item_id` and `run_date` of the catalogue, where an event of another item is to be refused.

    Returns
    -------
    DataFrame
        One row per raw row: the event columns that a log fills and `event_day`, `reason` (null where the row by
        itself is clean), `row_hash`, `row_number` and `copy_key` as `find_copies` reads them, and the raw row where
        it has a reason. Numbers are given anew by each run: keep the rows before they are used.
    """
    parts = [_judge_log(rows, settings, settings.sources[name]) for name, frames in logs.items() for rows in frames]
    judged = reduce(DataFrame.unionByName, parts)
    refused = _without_raw(judged if items is None else _refuse_unknown(judged, items))
    return refused.selectExpr("*", f"{COPY_KEY} AS copy_key", "monotonically_increasing_id() AS row_number")


def _judge_log(rows: DataFrame, settings: Settings, log: LogSettings) -> DataFrame:
    typed = build_typed(map_columns(rows, log), log, settings)
    marks = [name for name in typed.columns if name in _MARKS or name.startswith("bad_")]
    return typed.selectExpr("*", f"{reason(settings, log)} AS reason").drop(*marks)


def _refuse_unknown(judged: DataFrame, items: DataFrame) -> DataFrame:
    known = items.select("run_date", "item_id", F.lit(True).alias("is_known"))
    joined = judged.join(F.broadcast(known), on=["run_date", "item_id"], how="left")
    unknown = "IF(reason IS NULL AND item_id IS NOT NULL AND is_known IS NULL, 'unknown_item', reason)"
    return joined.withColumn("reason", F.expr(unknown)).drop("is_known")


def _without_raw(judged: DataFrame) -> DataFrame:
    """Clean rows are millions: their text stays in the log, and is not carried along."""
    refused = F.col("reason").isNotNull()
    return judged.withColumns({name: F.when(refused, F.col(name)) for name in ("header", "raw", "source_file")})


def place(
    judged: DataFrame,
    settings: Settings,
    keep: Callable[[DataFrame], DataFrame],
    before: DataFrame | None = None,
) -> DataFrame:
    """Add what rules over several rows say: copies, near duplicates, bots among the rest, and late copies.

    Parameters
    ----------
    judged
        As `judge` gives them, kept in files or in memory: they are read several times.
    keep
        Computes a small frame once, of a few rows that are looked up whenever the result is read.
    before
        run_date and event_id of the `events` that arrived on the days before these, for late rows that came then
        already; None where no row may be late.

    Returns
    -------
    DataFrame
        The same rows with `copy_of`: null, ``exact``, ``same_id`` or ``near``; `reason` may be that of a bot.
        What one run date says of a bot or a near duplicate does not depend on other dates.
    """
    copies = keep(find_copies(judged))
    once = judged.join(F.broadcast(copies), on="row_number", how="left")
    marked = _mark_near(once, settings.clean.near_duplicate_ms, keep)
    bots = keep(find_bots(clean_rows(marked), settings).withColumnRenamed("reason", "bot_reason"))
    placed = _refuse_bots(marked, bots)
    if before is None:
        return placed
    late = keep(find_late(judged))
    # A day without late rows looks nothing up.
    return placed if late.isEmpty() else mark_late_copies(placed, late, before, settings.max_late_days, keep)


def _refuse_bots(marked: DataFrame, bots: DataFrame) -> DataFrame:
    visitor = marked.withColumn("visitor", F.expr(VISITOR))
    joined = visitor.join(F.broadcast(bots), on=["run_date", "visitor"], how="left").drop("visitor")
    refused = "coalesce(reason, IF(copy_of IS NULL, bot_reason, NULL))"
    return joined.withColumn("reason", F.expr(refused)).drop("bot_reason")


def _mark_near(judged: DataFrame, within_ms: int, keep: Callable[[DataFrame], DataFrame]) -> DataFrame:
    if not within_ms:
        return judged
    near = keep(find_near_duplicates(clean_rows(judged), within_ms).withColumn("is_near", F.lit(True)))
    joined = judged.join(near, on=["run_date", "event_id"], how="left")
    is_near = "IF(copy_of IS NULL AND reason IS NULL AND is_near, 'near', copy_of)"
    return joined.withColumn("copy_of", F.expr(is_near)).drop("is_near")


def clean_rows(placed: DataFrame) -> DataFrame:
    """Rows that are events."""
    return placed.filter("reason IS NULL AND copy_of IS NULL")


def count_rows(placed: DataFrame, raw: Iterable[DataFrame]) -> DataFrame:
    """The ledger: one row per run_date, source, place and reason; raw = clean + quarantined + duplicate.

    Parameters
    ----------
    placed
        run_date, source, reason and copy_of of every row that has a place.
    raw
        The rows of the logs as a reader gives them. They are counted by themselves, from the files, so that a row
        which was lost on its way to a place is missed: the balance is a check of this very table.
    """
    copy = "copy_of IS NOT NULL"
    where = f"CASE WHEN {copy} THEN 'duplicate' WHEN reason IS NOT NULL THEN 'quarantined' ELSE 'clean' END"
    why = f"CASE WHEN {copy} THEN copy_of ELSE coalesce(reason, '') END"
    counted = placed.groupBy("run_date", "source", F.expr(where).alias("place"), F.expr(why).alias("reason")).agg(
        F.count("*").alias("n_rows")
    )
    parts = (rows.groupBy("run_date", "source").agg(F.count("*").alias("n_rows")) for rows in raw)
    read = (part.selectExpr("run_date", "source", "'raw' AS place", "'' AS reason", "n_rows") for part in parts)
    # A log has as many frames as its files have shapes.
    return (
        reduce(DataFrame.unionByName, read, counted)
        .groupBy("run_date", "source", "place", "reason")
        .agg(F.sum("n_rows").alias("n_rows"))
    )
