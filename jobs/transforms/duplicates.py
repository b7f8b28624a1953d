"""Copies: the same row again, another row with the same id, and the same content sent twice within a moment."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.sql import null_bits

_CONTENT = (
    "event_type", "user_id", "anonymous_id", "device_id", "item_id", "value", "price", "currency", "quantity",
    "order_id", "dwell_ms", "search_query", "surface", "position", "list_id", "source",
)  # fmt: skip

_COMPARED = ("run_date", "source", "row_number", "copy_key", "reason", "event_id", "event_time", "row_hash")

COPY_KEY = "IF(reason IS NULL, xxhash64(event_id), xxhash64(source, row_hash))"
"""SQL for what copies share: rows with a reason are copies where they are equal, the others where their ids are.

So a broken copy never pushes out a good one. Both are of one log: ids tell the further logs themselves, see
`build_typed`. A number, as millions of them are compared.
"""


def find_copies(judged: DataFrame) -> DataFrame:
    """Rows that came before, as the same row or under the same id.

    Parameters
    ----------
    judged
        run_date, source, row_number (of its own for every row), copy_key, reason, event_id, event_time and row_hash.
        Kept in files or in memory: it is read twice.

    Returns
    -------
    DataFrame
        row_number and copy_of: ``exact`` or ``same_id``. Of the rows of a log and run date with one id the
        earliest stands, among equal times the one with the smallest hash, so that neither the order of rows nor of
        files counts.
    """
    # Few keys come twice: only those are looked at closely, and the wide rows of events stay where they are.
    twice = judged.groupBy("copy_key").count().filter("count > 1").select("copy_key")
    few = judged.select(*_COMPARED).join(F.broadcast(twice), on="copy_key", how="left_semi")
    same = "PARTITION BY copy_key, run_date, source, reason IS NULL, IF(reason IS NULL, event_id, '') "
    before = f"lag(row_hash) OVER ({same} ORDER BY event_time, row_hash, row_number)"
    ranked = few.selectExpr("row_number", "row_hash", f"{before} AS hash_before").filter("hash_before IS NOT NULL")
    return ranked.selectExpr("row_number", "IF(hash_before = row_hash, 'exact', 'same_id') AS copy_of")


def find_near_duplicates(rows: DataFrame, within_ms: int) -> DataFrame:
    """Rows with the content of an earlier one but another id, at most `within_ms` after it.

    Parameters
    ----------
    rows
        Clean rows without copies.
    within_ms
        Milliseconds; between one copy and the next.

    Returns
    -------
    DataFrame
        run_date and event_id of the later ones.
    """
    # The hash passes over nulls: which they are is hashed too, or user 5 would be anonymous visitor 5.
    content = f"xxhash64({null_bits(_CONTENT)}, {', '.join(_CONTENT)}) AS content"
    hashed = rows.selectExpr("run_date", "event_id", "event_time", content)
    # Few contents come twice: only those are sorted by time.
    twice = hashed.groupBy("run_date", "content").count().filter("count > 1").select("run_date", "content")
    candidates = hashed.join(twice, on=["run_date", "content"], how="left_semi")
    order = "PARTITION BY content, run_date ORDER BY event_time, event_id"
    pauses = candidates.selectExpr(
        "run_date",
        "event_id",
        f"unix_micros(event_time) - unix_micros(lag(event_time) OVER ({order})) AS pause",
    )
    return pauses.filter(f"pause <= {within_ms * 1000}").select("run_date", "event_id")
