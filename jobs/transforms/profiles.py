"""Profiles of items and users: what logs of them say, and since when."""

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.log import LogSettings
from jobs.core.schemas import ITEM_PROFILE_COLUMNS, ITEM_PROFILES, UPDATED_AT, USER_PROFILE_COLUMNS, USER_PROFILES
from jobs.core.table import Column, Table
from jobs.transforms.times import to_utc

_PRICE = "try_cast(price AS decimal(18,4))"
_FLAG = (
    "CASE WHEN lower(is_available) IN ('true', '1', 'yes') THEN true "
    "WHEN lower(is_available) IN ('false', '0', 'no') THEN false END"
)
# The day as it is written, also at the head of a time.
_DAY = (
    r"IF(signed_up_day RLIKE '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]|$)', try_cast(left(signed_up_day, 10) AS date), NULL)"
)
_TYPED = {"price": _PRICE, "is_available": f"coalesce({_FLAG}, true)", "signed_up_day": _DAY}
_RULES = {
    "items": (
        ("missing_item", "item_id IS NULL"),
        ("bad_price", f"price IS NOT NULL AND coalesce({_PRICE} < 0, true)"),
        ("bad_currency", "currency NOT RLIKE '^[A-Z]{3}$'"),
        ("bad_flag", f"is_available IS NOT NULL AND ({_FLAG}) IS NULL"),
    ),
    "users": (
        ("missing_user", "user_id IS NULL"),
        ("bad_day", f"signed_up_day IS NOT NULL AND {_DAY} IS NULL"),
    ),
}
_SHARED_RULES = (
    ("unparsable", "NOT is_parsed"),
    ("filtered", "NOT is_meant"),
    ("test_traffic", "is_test"),
    ("bad_time", "was_told AND updated_at IS NULL"),
)


def judge_profiles(mapped: DataFrame, log: LogSettings) -> DataFrame:
    """Read `updated_at` and add `reason`, the code of the first rule that refuses a row, or null.

    Parameters
    ----------
    mapped
        As `map_columns` gives the rows of the log.
    log
        Of ``items`` or ``users``; its time format is that of `updated_at`.
    """
    told = F.col(UPDATED_AT)
    timed = mapped.withColumns(
        {UPDATED_AT: to_utc(told, log.time_format, log.time_zone), "was_told": told.isNotNull()}
    )
    cases = " ".join(f"WHEN {refuses} THEN '{code}'" for code, refuses in (*_SHARED_RULES, *_RULES[log.kind]))
    return timed.selectExpr("*", f"CASE {cases} END AS reason").drop("was_told")


def build_items(rows: DataFrame, before: DataFrame, first: date, last: date) -> DataFrame:
    """Table `item_profiles` for every run date from `first` to `last`; see `_build`."""
    return _build(ITEM_PROFILES, ITEM_PROFILE_COLUMNS, rows, before, first, last)


def build_users(rows: DataFrame, before: DataFrame, first: date, last: date) -> DataFrame:
    """Table `user_profiles` for every run date from `first` to `last`; see `_build`."""
    return _build(USER_PROFILES, USER_PROFILE_COLUMNS, rows, before, first, last)


def _build(
    table: Table, columns: tuple[Column, ...], rows: DataFrame, before: DataFrame, first: date, last: date
) -> DataFrame:
    """Profiles as they were at the end of every run date.

    Parameters
    ----------
    table, columns
        The table, and those of its columns that a log fills.
    rows
        run_date, the columns as text and `updated_at`, of rows without a reason. A row says all of a profile: a
        value that it leaves out is missing from then on. Of several rows of one day the newest stands; among rows of
        one time, and where the log tells none, the one that is largest, its columns compared in the order of the
        table, a missing value before all others. Spark knows no order of rows, and files may come in any.
    before
        The table at the end of the day before `first`; empty before the first data.
    first, last
        Both included.

    Returns
    -------
    DataFrame
        One row per run_date and profile named so far; `valid_from` is the first run date with its very values, so
        a day that repeats them changes nothing.
    """
    (key,) = table.grain
    values = f"struct({', '.join(column.name for column in columns if column.name != key)})"
    typed = rows.selectExpr(
        "run_date", UPDATED_AT, *(f"{_TYPED.get(column.name, column.name)} AS {column.name}" for column in columns)
    )
    newest = f"max(struct({UPDATED_AT}, {values} AS said)).said AS said"
    said = typed.groupBy(key, "run_date").agg(F.expr(newest))
    known = before.selectExpr(key, f"DATE'{first - timedelta(1)}' AS run_date", f"{values} AS said", "valid_from")
    told = known.unionByName(said.selectExpr("*", "CAST(NULL AS date) AS valid_from"))
    return _spread(table, _with_change(told, key), first, last)


def _with_change(told: DataFrame, key: str) -> DataFrame:
    """Fill `valid_from` and add the next run date on which the profile is named."""
    window = f"PARTITION BY {key} ORDER BY run_date"
    new = f"lag(said) OVER ({window}) IS NULL OR NOT said <=> lag(said) OVER ({window})"
    changed = told.selectExpr("*", f"coalesce(valid_from, IF({new}, run_date, NULL)) AS changed")
    return changed.selectExpr(
        key,
        "said",
        "run_date AS since",
        f"last(changed, true) OVER ({window}) AS valid_from",
        f"lead(run_date) OVER ({window}) AS next_day",
    )


def _spread(table: Table, changes: DataFrame, first: date, last: date) -> DataFrame:
    """Each profile holds until the day before it is named again."""
    (key,) = table.grain
    spans = changes.selectExpr(
        "*", f"greatest(since, DATE'{first}') AS from_day", f"coalesce(date_sub(next_day, 1), DATE'{last}') AS until"
    ).filter("from_day <= until")
    days = spans.selectExpr("explode(sequence(from_day, until)) AS run_date", key, "said", "valid_from")
    own = (key, "valid_from")
    return days.selectExpr("run_date", *(name if name in own else f"said.{name}" for name in table.column_names))
