"""The state of identity: who was last seen with an id, as of the end of every run date."""

from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.schemas import IDENTITIES
from jobs.transforms.identity import NAMED_BY, NAMELESS

_ID = ("id_kind", "id")
_OWNER_COLUMNS = tuple(name for name in IDENTITIES.column_names if name not in _ID)


def build_identities(
    events: DataFrame, spans: DataFrame, before: DataFrame, first: date, last: date, keep_days: int
) -> DataFrame:
    """Table `identities` for every run date from `first` to `last`.

    Parameters
    ----------
    events
        run_date and the ids of clean events of the range, as the log has them.
    spans
        As `build_spans` gives them for these events.
    before
        The table at the end of the day before `first`; empty before the first data.
    first, last
        Both included.
    keep_days
        An id that no event carried for more than so many days is forgotten.

    Returns
    -------
    DataFrame
        One row per run_date, id_kind and id. An id enters with a sign-in or sign-up; an anonymous id also with
        any event of a user; a device also with any event of a user on a run date on which some event is named
        by its device alone. So a log in which nobody is anonymous keeps only what people signed in with, and
        in any other every known device is found again. Once there, each user who is seen with the id counts. An
        id with which two users were last seen at the same moment is nobody's.
    """
    # Most ids of a day are devices that nobody asks about: they are left out before anything is put together.
    entered = before.select(*_ID).unionByName(spans.filter("is_kept").select(*_ID)).distinct()
    used = spans.join(entered, on=list(_ID), how="left_semi")
    listed = _days(events, used, entered).groupBy(*_ID).agg(F.expr("array_sort(array_agg(struct(*))) AS days"))
    owned = before.selectExpr(*_ID, f"struct({', '.join(_OWNER_COLUMNS)}) AS owner")
    joined = listed.join(owned, on=list(_ID), how="full")
    start = f"array(struct(DATE'{first - timedelta(1)}' AS run_date, owner))"
    step = f"(told, day) -> concat(told, array(struct(day.run_date, {_step(keep_days)} AS owner)))"
    told = joined.selectExpr(*_ID, f"IF(days IS NULL, {start}, aggregate(days, {start}, {step})) AS told")
    return _spread(told, first, last, keep_days)


def carry(before: DataFrame, identities: DataFrame, first: date, last: date) -> DataFrame:
    """`identities` of the day before each run date from `first` to `last`, under that run date."""
    columns = IDENTITIES.column_names
    known = before.selectExpr(f"DATE'{first}' AS run_date", *columns)
    if first == last:
        return known
    earlier = identities.filter(F.col("run_date") < F.lit(last))
    return known.unionByName(earlier.selectExpr("date_add(run_date, 1) AS run_date", *columns))


def _days(events: DataFrame, spans: DataFrame, entered: DataFrame) -> DataFrame:
    """One row per run_date and entered id that any event carried.

    With is_kept; `seen`, the user last seen with it, null where none was; others, when any other user was seen last.
    """
    used = spans.selectExpr("run_date", *_ID, "is_kept", "struct(last_seen, user_id, first_seen) AS span")
    # An id in use without a user is not forgotten.
    touched = events.filter(NAMELESS).selectExpr("run_date", *NAMED_BY).distinct()
    touched = touched.join(entered, on=list(_ID), how="left_semi")
    nobody = touched.selectExpr("*", "false AS is_kept", "NULL AS span")
    days = (
        used.unionByName(nobody)
        .groupBy("run_date", *_ID)
        .agg(F.max("is_kept").alias("is_kept"), F.expr("sort_array(array_agg(span), false) AS seen"))
    )
    return days.selectExpr(
        "run_date",
        *_ID,
        "is_kept",
        "get(seen, 0) AS seen",
        # One span a user and day: the second one is the latest of all the others.
        "get(seen, 1).last_seen AS others",
    )


def _owner(user: str, since: str, last_seen: str) -> str:
    values = {"user_id": user, "since": since, "last_seen": last_seen, "last_day": "day.run_date"}
    pairs = (f"'{name}', {values[name]}" for name in _OWNER_COLUMNS)
    return f"named_struct({', '.join(pairs)})"


def _step(keep_days: int) -> str:
    """SQL for the owner at the end of `day`, from the one `told` last; null where there is none.

    `since` never goes back: a late event says nothing of who else had the id between it and the owner's first.
    """
    none = f"owner IS NULL OR datediff(day.run_date, owner.last_day) > {keep_days + 1}"
    begun = "IF(coalesce(day.seen.first_seen > {others}, true), day.seen.first_seen, day.seen.last_seen)"
    new = _owner("day.seen.user_id", begun.format(others="day.others"), "day.seen.last_seen")
    others = "IF(day.seen.user_id = owner.user_id, day.others, day.seen.last_seen)"
    stays = f"IF(coalesce(owner.since > {others}, true), owner.since, owner.last_seen)"
    again = f"IF(coalesce(owner.since > day.others, true), owner.since, {begun.format(others='day.others')})"
    next_one = begun.format(others="greatest(day.others, owner.last_seen)")
    is_tie = "coalesce(day.others = day.seen.last_seen, false)"
    return (
        "get(transform(array(element_at(told, -1).owner), owner -> CASE "
        f"WHEN {none} THEN IF(day.is_kept AND NOT {is_tie}, {new}, NULL) "
        f"WHEN day.seen IS NULL THEN {_owner('owner.user_id', 'owner.since', 'owner.last_seen')} "
        f"WHEN owner.last_seen > day.seen.last_seen THEN {_owner('owner.user_id', stays, 'owner.last_seen')} "
        f"WHEN {is_tie} THEN NULL "
        f"WHEN owner.user_id = day.seen.user_id THEN {_owner('owner.user_id', again, 'day.seen.last_seen')} "
        "WHEN owner.last_seen = day.seen.last_seen THEN NULL "
        f"ELSE {_owner('day.seen.user_id', next_one, 'day.seen.last_seen')} END), 0)"
    )


def _spread(told: DataFrame, first: date, last: date, keep_days: int) -> DataFrame:
    """Each owner holds until the day before the next one, or until the id is forgotten."""
    next_day = f"coalesce(date_sub(try_element_at(told, i + 2).run_date, 1), DATE'{last}')"
    spans = told.selectExpr(
        *_ID, f"inline(transform(told, (each, i) -> struct(each.run_date, each.owner, {next_day} AS until)))"
    ).filter("owner IS NOT NULL")
    held = spans.selectExpr(
        *_ID,
        "owner",
        f"greatest(run_date, DATE'{first}') AS from_day",
        f"least(until, date_add(owner.last_day, {keep_days})) AS to_day",
    ).filter("from_day <= to_day")
    days = held.selectExpr("explode(sequence(from_day, to_day)) AS run_date", *_ID, "owner")
    return days.selectExpr("run_date", *_ID, *(f"owner.{name}" for name in _OWNER_COLUMNS))
