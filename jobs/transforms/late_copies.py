"""Late copies: an event that came late, and that had already arrived on an earlier run date."""

from collections.abc import Callable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_LATE = "event_day < run_date"
_ID_HASH = "xxhash64(event_id)"
_CLEAN = "reason IS NULL AND copy_of IS NULL"


def find_late(judged: DataFrame) -> DataFrame:
    """Hashes of the event ids of rows that are clean by themselves and came after the day of their event.

    Numbers, as a back-fill may have millions of them in memory.
    """
    return judged.filter(f"reason IS NULL AND {_LATE}").selectExpr(f"{_ID_HASH} AS id_hash").distinct()


def mark_late_copies(
    placed: DataFrame,
    late: DataFrame,
    before: DataFrame,
    late_days: int,
    keep: Callable[[DataFrame], DataFrame],
) -> DataFrame:
    """Set `copy_of` to ``same_id`` for late rows whose event arrived before.

    Parameters
    ----------
    placed
        Rows with all that one run date says of them: row_number, run_date, event_id, event_day, reason, copy_of.
    late
        As `find_late` gives them for these rows, kept: few, and looked up in all the events of some days.
    before
        run_date and event_id of the clean events that arrived on the days before the first of these run dates.
    late_days
        An event counts that arrived at most so many days before the row.
    keep
        Computes a small frame once.

    Returns
    -------
    DataFrame
        The same rows. A row of its own run date's day is never looked up, so that an id that an app gives again
        is no copy.
    """
    here = placed.filter(_CLEAN).selectExpr("event_id", "run_date", "row_number", f"{_LATE} AS is_late")
    there = before.selectExpr("event_id", "run_date", "CAST(NULL AS bigint) AS row_number", "false AS is_late")
    looked_up = here.unionByName(there).withColumn("id_hash", F.expr(_ID_HASH))
    few = looked_up.join(F.broadcast(late), on="id_hash", how="left_semi")
    copies = keep(_find(few, late_days).withColumn("is_late_copy", F.lit(True)))
    joined = placed.join(F.broadcast(copies), on="row_number", how="left")
    return joined.withColumn("copy_of", F.expr("IF(is_late_copy, 'same_id', copy_of)")).drop("is_late_copy")


def _find(rows: DataFrame, late_days: int) -> DataFrame:
    """Numbers of the copies among rows of a few ids, at most one row a run date and id.

    Told date by date: a row that is a copy is no event, so that a later one is compared with the event before it.
    So a range of dates gives what its nights give one by one.
    """
    ordered = "sort_array(collect_list(struct(run_date, row_number, is_late)))"
    is_copy = f"each.is_late AND coalesce(so_far.last >= date_sub(each.run_date, {late_days}), false)"
    told = rows.groupBy("event_id").agg(
        F.expr(
            f"aggregate({ordered}, "
            "struct(CAST(NULL AS date) AS last, CAST(array() AS array<bigint>) AS copies), "
            f"(so_far, each) -> IF({is_copy}, "
            "struct(so_far.last AS last, array_append(so_far.copies, each.row_number) AS copies), "
            "struct(each.run_date AS last, so_far.copies AS copies)))"
        ).alias("found")
    )
    return told.selectExpr("explode(found.copies) AS row_number")
