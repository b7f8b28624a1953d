"""Identity: anonymous and device ids join a user, and two users are never merged.

An event without a user is named by its anonymous id, else by its device. It is given to a user

- forwards: the user who was last seen with that id before it, on the same run date or an earlier one;
- backwards: the first user of the run date who is seen with that id after it in the same visit, unless the id is
  known to be another's;
- and to nobody where that is not clear: while two users are seen with the id in turns, or where two are seen with
  it at the same moment.

What a row says itself always stands. A person on phone and web is one user because both ids lead there.

Times of a user with an id are kept as spans, from the first to the last event of a run date. Only spans of ids
that some event without a user carries are looked at closely, so the work is that of the anonymous part of a day.
"""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.transforms.broadcast import broadcast_if_small

_KEY = ("run_date", "id_kind", "id")
_SIGNS_IN = "event_type IN ('sign_in', 'sign_up')"
# Earlier and later than any event.
_BEFORE_ALL, _FOREVER = "-9000000000000000000L", "9000000000000000000L"
_KIND = "IF(anonymous_id IS NULL, 'device_id', 'anonymous_id')"
_NAME = "coalesce(anonymous_id, device_id)"
NAMELESS = "user_id IS NULL"
"""SQL for an event that does not say its user."""
NAMED_BY = (f"{_KIND} AS id_kind", f"{_NAME} AS id")
"""SQL for the one id by which such an event is looked up."""
_IDS = (
    "inline(filter(array(struct('anonymous_id' AS id_kind, anonymous_id AS id), "
    "struct('device_id' AS id_kind, device_id AS id)), each -> each.id IS NOT NULL))"
)


def build_spans(events: DataFrame) -> DataFrame:
    """When each user was seen with each id.

    Parameters
    ----------
    events
        run_date, event_type, event_time and the ids of clean events, as the log has them.

    Returns
    -------
    DataFrame
        One row per run_date, id_kind, id and user_id: first_seen, last_seen (UTC, both included), and is_kept,
        whether the id enters the state; see `build_identities`.
    """
    seen = events.filter("user_id IS NOT NULL AND coalesce(anonymous_id, device_id) IS NOT NULL")
    # Folded before it is split by kind: a visitor's rows mostly carry the same two ids.
    folded = seen.groupBy("run_date", "user_id", "anonymous_id", "device_id").agg(
        F.min("event_time").alias("first_seen"),
        F.max("event_time").alias("last_seen"),
        F.expr(f"max(IF({_SIGNS_IN}, 1, 0)) AS signs_in"),
    )
    # A browser's id is of whoever uses it; a device goes from hand to hand, and is somebody's who signed in on it.
    kept = "signs_in = 1 OR id_kind = 'anonymous_id' AS is_kept"
    return (
        folded.selectExpr("run_date", "user_id", "first_seen", "last_seen", "signs_in", _IDS)
        .groupBy(*_KEY, "user_id")
        .agg(
            F.min("first_seen").alias("first_seen"),
            F.max("last_seen").alias("last_seen"),
            F.max("signs_in").alias("signs_in"),
        )
        .selectExpr(*_KEY, "user_id", "first_seen", "last_seen", kept)
    )


def resolve(events: DataFrame, spans: DataFrame, carried: DataFrame, gap_minutes: int) -> DataFrame:
    """Whose an id is, and from when to when.

    Parameters
    ----------
    events
        As `build_spans` takes them.
    spans
        As it gives them.
    carried
        `identities` of the day before each run date, as `carry` gives them.
    gap_minutes
        A longer pause between events that carry the id ends a visit.

    Returns
    -------
    DataFrame
        Rows per run_date, id_kind and id, for ids that an event without a user carries: begin, until (microseconds
        of UTC; begin included, until not) and user_id. The times of an id do not overlap.
    """
    gap = gap_minutes * 60_000_000
    steps = _steps(events, gap)
    today = _in_micros(spans, "first_seen", "true")
    seen = today.unionByName(_in_micros(carried, "since", "false"))
    listed = seen.join(steps.select(*_KEY), on=list(_KEY), how="left_semi").groupBy(*_KEY)
    owners = listed.agg(F.expr("array_sort(array_agg(struct(seen_from, seen_to, user_id, is_today))) AS spans"))
    begun = "array_min(filter(spans, each -> each.is_today).seen_from)"
    bounded = owners.join(steps, on=list(_KEY), how="inner").selectExpr("*", f"{begun} AS begun")
    held = bounded.selectExpr(*_KEY, "spans", "begun", f"{_VISIT_START.format(gap=gap)} AS visit_start", _POINTS)
    parts = held.selectExpr(*_KEY, f"inline(concat({_FORWARDS}, {_BACKWARDS}))")
    return parts.filter("user_id IS NOT NULL AND begin < until")


def with_users(events: DataFrame, lookup: DataFrame) -> DataFrame:
    """Fill `user_id` and add `user_from`: ``row``, ``anonymous_id``, ``device_id`` or null.

    Parameters
    ----------
    events
        The very rows that the lookup was built of.
    lookup
        As `resolve` gives it, kept in files or in memory.
    """
    times = lookup.selectExpr(
        "xxhash64(run_date, id_kind, id) AS found_key", "id AS found_id", "begin", "until", "user_id AS found_user"
    )
    # Null where the row names its user: it then meets nothing. The text is compared too, as hashes may agree.
    key = f"IF(user_id IS NULL, xxhash64(run_date, {_KIND}, {_NAME}), NULL)"
    keyed = events.withColumn("found_by", F.expr(key))
    in_time = "unix_micros(event_time) >= begin AND unix_micros(event_time) < until"
    covers = f"found_key = found_by AND found_id = {_NAME} AND {in_time}"
    joined = keyed.join(broadcast_if_small(times), on=F.expr(covers), how="left")
    origin = f"CASE WHEN user_id IS NOT NULL THEN 'row' WHEN found_user IS NOT NULL THEN {_KIND} END"
    named = joined.withColumns({"user_from": F.expr(origin), "user_id": F.expr("coalesce(user_id, found_user)")})
    return named.drop("found_by", "found_key", "found_id", "begin", "until", "found_user")


def _in_micros(spans: DataFrame, first: str, is_today: str) -> DataFrame:
    times = (f"unix_micros({first}) AS seen_from", "unix_micros(last_seen) AS seen_to")
    return spans.selectExpr(*_KEY, "user_id", *times, f"{is_today} AS is_today")


def _steps(events: DataFrame, gap: int) -> DataFrame:
    """One row per run_date and id of events without a user: `steps`, their first and last moments within a step.

    A step is as long as the gap: no pause within it ends a visit, and there are few of them.
    """
    rows = events.filter(NAMELESS).selectExpr("run_date", *NAMED_BY, "unix_micros(event_time) AS at")
    steps = rows.groupBy(*_KEY, F.expr(f"at - pmod(at, {gap}L) AS step"))
    timed = steps.agg(F.min("at").alias("begin"), F.max("at").alias("ended"))
    return timed.groupBy(*_KEY).agg(F.expr("array_sort(array_agg(struct(begin, ended))) AS steps"))


# What follows is SQL over one row per id: its `spans` in the order of time. Ids that are looked up are few, and a
# query of many joins would take longer to compile than to run.

# The first moment that leads to `begun` without a longer pause; `begun` itself where none does.
_VISIT_START = (
    "aggregate(reverse(filter(steps, each -> each.begin < begun)), begun, "
    "(start, each) -> IF(start - least(each.ended, begun) <= {gap}, each.begin, start))"
)

# Points in time at which an id goes to a user, or to nobody. Spans that overlap are one group: it is its first
# user's until another one comes, nobody's until all have been seen for the last time, and then that of the one who
# was last. `leader` is the only user of a group so far, `latest` the only one who was seen when it `ended`.
_HELD = "struct<points: array<struct<begin: bigint, user_id: string>>, ended: bigint, leader: string, latest: string>"
_POINT = "named_struct('begin', {0}, 'user_id', {1})"
_AFTER_GROUP = _POINT.format("held.ended + 1", "held.latest")
_USER_COMES = _POINT.format("each.seen_from", "each.user_id")
_NEXT_GROUP = (
    f"named_struct('points', concat(held.points, array({_AFTER_GROUP}, {_USER_COMES})), "
    "'ended', each.seen_to, 'leader', each.user_id, 'latest', each.user_id)"
)
_LATEST = (
    "CASE WHEN each.seen_to > held.ended THEN each.user_id "
    "WHEN each.seen_to < held.ended OR each.user_id <=> held.latest THEN held.latest END"
)
_SAME_GROUP = (
    "named_struct('points', IF(each.user_id <=> held.leader, held.points, "
    f"concat(held.points, array({_POINT.format('each.seen_from', 'CAST(NULL AS string)')}))), "
    "'ended', greatest(held.ended, each.seen_to), 'leader', IF(each.user_id <=> held.leader, held.leader, NULL), "
    f"'latest', {_LATEST})"
)
_POINTS = (
    f"aggregate(spans, CAST(struct(array(), {_BEFORE_ALL}, NULL, NULL) AS {_HELD}), "
    f"(held, each) -> IF(each.seen_from > held.ended, {_NEXT_GROUP}, {_SAME_GROUP}), "
    f"held -> concat(held.points, array({_AFTER_GROUP}))) AS points"
)

# What was carried forwards ends where the visit of the day's first user starts, and goes on after it began: from
# then on the points are the day's own.
_UNTIL = f"coalesce(get(points, i + 1).begin, {_FOREVER})"
_FORWARDS = (
    "flatten(transform(points, (each, i) -> array("
    f"struct(each.begin, least({_UNTIL}, coalesce(visit_start, {_FOREVER})) AS until, each.user_id), "
    f"struct(greatest(each.begin, begun) AS begin, {_UNTIL} AS until, "
    "IF(begun IS NULL, NULL, each.user_id) AS user_id))))"
)
_FIRST_USERS = "array_distinct(filter(spans, each -> each.seen_from = begun AND each.is_today).user_id)"
_CARRIED = "get(filter(spans, each -> NOT each.is_today), 0).user_id"
_FIRST_USER = f"get({_FIRST_USERS}, 0)"
_BACKWARDS = (
    "array(struct(visit_start AS begin, begun AS until, "
    f"IF(size({_FIRST_USERS}) = 1 AND coalesce({_CARRIED} = {_FIRST_USER}, true), {_FIRST_USER}, NULL) AS user_id))"
)
