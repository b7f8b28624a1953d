"""Cleaning: every raw row ends as a clean event, in quarantine with one reason, or as a duplicate."""

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs.core.config.model import Settings
from jobs.transforms.mapping import map_columns
from jobs.transforms.times import local_day, to_utc

# Their quantity may be written negative; the type already says the direction.
REVERSALS = ("refund", "cancel")
_HASH_LENGTH = 32


def fold_copies(raw: DataFrame) -> DataFrame:
    """Fold equal rows of a run date into one.

    Returns
    -------
    DataFrame
        One row per run_date, source and raw text, with `n_copies` and the first `source_file` by name.
    """
    return raw.groupBy("run_date", "source", "raw").agg(
        F.count("*").alias("n_copies"), F.min("source_file").alias("source_file")
    )


def judge(rows: DataFrame, settings: Settings) -> DataFrame:
    """Map, type and judge rows.

    Parameters
    ----------
    rows
        As `fold_copies` gives them.
    settings
        The mapping and the limits.

    Returns
    -------
    DataFrame
        The rows with their event columns, and `reason`: null where the row is clean.
    """
    typed = _typed(map_columns(rows, settings.log), settings)
    judged = typed.withColumn("reason", _reason(settings))
    # Only clean rows compete for an id: a broken copy must not push out a good one.
    is_clean = F.col("reason").isNull()
    copies = Window.partitionBy("run_date", "event_id", is_clean).orderBy("event_time", "raw")
    return judged.withColumn("is_repeated", is_clean & (F.row_number().over(copies) > 1))


def _typed(rows: DataFrame, settings: Settings) -> DataFrame:
    log, zone = settings.log, settings.schedule.time_zone
    row_hash = F.substring(F.sha2(F.concat_ws("|", "source", "raw"), 256), 1, _HASH_LENGTH)
    magnitude = F.when(F.col("event_type").isin(*REVERSALS), F.abs(_number("quantity"))).otherwise(
        _number("quantity")
    )
    typed = rows.withColumns(
        {
            "time_text": F.col("event_time"),
            "event_time": to_utc(F.col("event_time"), log.time_format, log.time_zone),
            "event_id": F.coalesce("event_id", row_hash),
            "quantity_text": F.col("quantity"),
            "quantity": magnitude,
            "price_text": F.col("price"),
            "price": F.col("price").try_cast("decimal(18,4)"),
            "dwell_ms": _number("dwell_ms"),
            "position": F.col("position").try_cast("int"),
            "schema_version": F.col("schema_version").try_cast("int"),
        }
    )
    return typed.withColumn("event_day", local_day(F.col("event_time"), zone))


def _number(column: str) -> Expression:
    """Whole number; `6.0`, as spreadsheets write it, is 6, and `6.5` is none."""
    number = F.col(column).try_cast("decimal(18,4)")
    return F.when(number == F.floor(number), number.try_cast("long"))


def _reason(settings: Settings) -> Expression:
    """Code of the first rule that refuses the row, or null. The order tells causes before their effects."""
    rules: list[tuple[str, Expression]] = [
        ("unparsable", ~F.col("is_parsed")),
        ("unknown_event_type", _unknown_type(settings)),
        ("missing_time", F.col("time_text").isNull()),
        ("bad_time", F.col("event_time").isNull()),
        ("from_the_future", F.col("event_day") > F.col("run_date")),
        ("too_late", F.datediff("run_date", "event_day") > settings.log.max_late_days),
        ("missing_visitor", F.coalesce("user_id", "anonymous_id", "device_id").isNull()),
        ("missing_item", F.col("item_id").isNull() & F.col("event_type").isin(*settings.events.needs_item)),
        ("not_a_product", _not_a_product(settings)),
        ("bad_quantity", _bad_quantity(settings)),
        ("bad_price", _bad_price(settings)),
    ]
    return F.coalesce(*(F.when(refuses, F.lit(code)) for code, refuses in rules))


def _unknown_type(settings: Settings) -> Expression:
    known = sorted(settings.events.weights)
    return F.col("event_type").isNull() | ~F.col("event_type").isin(*known)


def _not_a_product(settings: Settings) -> Expression:
    pattern = settings.log.not_products
    return F.col("item_id").rlike(pattern) if pattern else F.lit(False)


def _bad_quantity(settings: Settings) -> Expression:
    unreadable = F.col("quantity_text").isNotNull() & F.col("quantity").isNull()
    return unreadable | (F.col("quantity") <= 0) | (F.col("quantity") > settings.clean.max_quantity)


def _bad_price(settings: Settings) -> Expression:
    """A purchase must cost something; elsewhere a price may be zero."""
    unreadable = F.col("price_text").isNotNull() & F.col("price").isNull()
    free = (F.col("event_type") == "purchase") & (F.col("price") == 0)
    return unreadable | free | (F.col("price") < 0) | (F.col("price") > F.lit(settings.clean.max_price))


def clean_rows(judged: DataFrame) -> DataFrame:
    """Rows that are events."""
    return judged.filter(F.col("reason").isNull() & ~F.col("is_repeated"))


def quarantined_rows(judged: DataFrame) -> DataFrame:
    """Rows that are none; one per different text."""
    return judged.filter(F.col("reason").isNotNull())


def count_rows(judged: DataFrame) -> DataFrame:
    """The ledger: one row per run_date, source, place and reason.

    raw = clean + quarantined + duplicate, where `exact` duplicates are further copies of one text and
    `same_id` ones have the id of an event but another content.
    """
    first, others = F.lit(1), F.col("n_copies") - 1
    entries = F.array(
        F.struct(F.lit("raw").alias("place"), F.lit("").alias("reason"), F.col("n_copies").alias("n")),
        F.struct(_place().alias("place"), _place_reason().alias("reason"), first.cast("long").alias("n")),
        F.struct(F.lit("duplicate").alias("place"), F.lit("exact").alias("reason"), others.alias("n")),
    )
    exploded = judged.select("run_date", "source", F.explode(entries).alias("entry"))
    counted = exploded.groupBy("run_date", "source", "entry.place", "entry.reason").agg(
        F.sum("entry.n").alias("n_rows")
    )
    return counted.filter(F.col("n_rows") > 0)


def _place() -> Expression:
    quarantined = F.col("reason").isNotNull()
    return F.when(quarantined, "quarantined").when(F.col("is_repeated"), "duplicate").otherwise("clean")


def _place_reason() -> Expression:
    return F.coalesce("reason", F.when(F.col("is_repeated"), F.lit("same_id")), F.lit(""))
