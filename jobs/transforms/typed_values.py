"""From the log's text to typed event columns; what cannot be read is null and marked."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.log import LogSettings
from jobs.core.config.model import Settings
from jobs.core.sql import sql_text
from jobs.transforms.times import local_day, to_utc

# Their quantity may be written negative; the type already says the direction.
REVERSALS = ("refund", "cancel")

_HASH_LENGTH = 32
_LARGEST_LONG = 2**63 - 1
_TEXTS = (
    "event_type", "user_id", "anonymous_id", "device_id", "item_id", "currency", "order_id", "search_query",
    "surface", "list_id", "shown_model", "shown_experiment", "shown_variant", "platform", "device_class",
    "app_version", "locale", "country", "time_zone",
)  # fmt: skip
_DECIMAL = "try_cast({0} AS decimal(18,4))"
# `6.0`, as spreadsheets write it, is 6, and `6.5` is none. Most numbers are plain, so the dear way is the second one.
_WHOLE = "coalesce(try_cast({0} AS bigint), IF({0} RLIKE '^[+-]?[0-9]+[.]0*$', try_cast({0} AS decimal(18,4)), NULL))"
_NUMBERS = {
    "value": _DECIMAL,
    "price": _DECIMAL,
    "quantity": f"CAST({_WHOLE} AS bigint)",
    "dwell_ms": f"CAST({_WHOLE} AS bigint)",
    "position": f"try_cast({_WHOLE} AS int)",
    "propensity": "try_cast({0} AS double)",
    "schema_version": f"try_cast({_WHOLE} AS int)",
}
"""SQL by column; each has a mark `bad_<name>` where its text could not be read."""


def build_typed(mapped: DataFrame, log: LogSettings, settings: Settings) -> DataFrame:
    """Typed event columns of one log of events.

    Parameters
    ----------
    mapped
        As `map_columns` gives them: text columns, `is_parsed`, `is_meant`, `is_test`, and the raw row.
    log
        Its time format and how a row without an id gets one.
    settings
        The app's time zone, of which `event_day` is a day, and its other logs, from whose ids those of this one are
        told apart.

    Returns
    -------
    DataFrame
        The raw row and its marks, event columns with their types, `has_time`, and for each number a mark
        ``bad_<name>``: there was a text, and it is no such number.
    """
    times = {name: to_utc(F.col(name), log.time_format, log.time_zone) for name in ("event_time", "arrived_at")}
    timed = mapped.select("*", *(time.alias(f"{name}_utc") for name, time in times.items()))
    return timed.select(
        *("run_date", "source", "header", "raw", "source_file", "row_hash", "is_parsed", "is_meant", "is_test"),
        F.expr("event_time IS NOT NULL AS has_time"),
        F.expr(f"{_event_id(log, settings)} AS event_id"),
        F.col("event_time_utc").alias("event_time"),
        F.col("arrived_at_utc").alias("arrived_at"),
        F.expr("arrived_at IS NOT NULL AND arrived_at_utc IS NULL AS bad_arrived_at"),
        local_day(F.col("event_time_utc"), settings.schedule.time_zone).alias("event_day"),
        *_TEXTS,
        *(F.expr(f"{_number(name)} AS {name}") for name in _NUMBERS),
        *(F.expr(f"{name} IS NOT NULL AND {_NUMBERS[name].format(name)} IS NULL AS bad_{name}") for name in _NUMBERS),
    )


def _number(name: str) -> str:
    read = _NUMBERS[name].format(name)
    if name != "quantity":
        return read
    kinds = ", ".join(f"'{kind}'" for kind in REVERSALS)
    # The smallest long has no positive counterpart: it stays negative, which is refused.
    return f"IF(event_type IN ({kinds}) AND {read} >= {-_LARGEST_LONG}L, abs({read}), {read})"


def _event_id(log: LogSettings, settings: Settings) -> str:
    """The log's id, else a hash of what identifies a row: some columns, or all of its text.

    Each log numbers events by itself. The ids of one in `logs` begin with its name; those of `log` do so only
    where they look like the id of another one, so that no log can take the place of another one's events.
    """
    parts = ", ".join(f"coalesce({name}, '')" for name in log.event_id_from) or "header, raw"
    own = f"coalesce(event_id, left(sha2(concat_ws('|', source, {parts}), 256), {_HASH_LENGTH}))"
    named = f"concat({sql_text(f'{log.name}:')}, {own})"
    if log.name in settings.logs:
        return named
    names = [name for name, each in settings.sources.items() if each.kind == "events"]
    like_named = " OR ".join(f"startswith(event_id, {sql_text(f'{name}:')})" for name in names)
    return f"IF({like_named}, {named}, {own})" if len(names) > 1 else own
