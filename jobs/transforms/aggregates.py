"""Daily aggregates: what arrived on a day, per user, item, user and item, context and item.

Made for many events: whole numbers in ten-thousandths instead of decimals while they are summed, no distinct
counts, and text only in the keys of the large groupings, since Spark sorts all rows where it keeps a text per group.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from pyspark.sql import Column as Expression
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.core.config.model import Settings
from jobs.core.sql import sql_text
from jobs.features.context_popularity import contexts
from jobs.features.histogram import n_packed, pack_one, unpack
from jobs.transforms.typed_values import REVERSALS

_KEYS = ("run_date", "user_id", "item_id", "event_day", "event_time", "country", "platform", "price")
_HOURS = 24
_UNIT = 10_000
_PACKED = [f"hours_{slot}" for slot in range(n_packed(_HOURS))]
_AMOUNTS = ("revenue", "wanted", "wanted_log_price", "wanted_log_price_squared")
_STEPS = ("n_shown", "n_opened", "n_wanted")
_USER_COUNTS = ("n_intents", "n_purchases", "n_goals", "n_goodbyes")
_USER_SUMS = (*_USER_COUNTS, *_AMOUNTS, *_PACKED)


def with_measures(events: DataFrame, settings: Settings) -> DataFrame:
    """Events as they are summed.

    Parameters
    ----------
    events
        Rows of `events` with their `run_date`.
    settings
        Weights and intent of event types, what is a goal and a goodbye, and the app's time zone.

    Returns
    -------
    DataFrame
        One row per event: keys, time, place and price, then what is summed: `n_intents`, `n_goals`, `n_goodbyes` and
        the steps of the funnel (1 or 0), `n_purchases` (1, -1 or 0), `weight`, `revenue` and the three of `wanted` in
        ten-thousandths, its local hour as a histogram.
    """
    weighed = _weighed(events, settings)
    is_wanted = "n_intents > 0 AND weight > 0 AND log_price IS NOT NULL"
    return weighed.selectExpr(
        *_KEYS,
        *(*_USER_COUNTS, *_STEPS, "weight", "revenue"),
        f"IF({is_wanted}, weight, 0L) AS wanted",
        f"IF({is_wanted}, CAST(round(weight * log_price) AS bigint), 0L) AS wanted_log_price",
        f"IF({is_wanted}, CAST(round(weight * log_price * log_price) AS bigint), 0L) AS wanted_log_price_squared",
        *(f"{sql} AS {name}" for name, sql in zip(_PACKED, pack_one("hour", _HOURS), strict=True)),
    )


def _weighed(events: DataFrame, settings: Settings) -> DataFrame:
    """One row per event: its keys, local hour, weight, intent, signed purchase and revenue, and ln(price)."""
    reversals = ", ".join(f"'{name}'" for name in REVERSALS)
    funnel = settings.events.funnel
    steps = zip(_STEPS, (funnel.shown, funnel.opened, funnel.wanted), strict=True)
    amount = f"CAST(CAST(price * coalesce(quantity, 1) AS decimal(18,4)) * {_UNIT} AS bigint)"
    signed = f"CASE WHEN event_type = 'purchase' THEN {{0}} WHEN event_type IN ({reversals}) THEN -{{0}} ELSE 0L END"
    is_intent = _is_one_of(settings.events.intent)
    return events.selectExpr(
        *_KEYS,
        f"hour({_local('event_time', settings)}) AS hour",
        f"{_weight(settings.events.weights)} AS weight",
        f"CAST({is_intent} AS bigint) AS n_intents",
        f"CAST({_is_one_of((settings.predictions.conversion.goal,))} AS bigint) AS n_goals",
        f"CAST({_is_one_of(settings.events.goodbyes)} AS bigint) AS n_goodbyes",
        *(f"CAST({_is_one_of(types)} AS bigint) AS {name}" for name, types in steps),
        f"{signed.format('1L')} AS n_purchases",
        f"{signed.format(f'coalesce({amount}, 0L)')} AS revenue",
        f"IF({is_intent} AND price > 0, ln(CAST(price AS double)), NULL) AS log_price",
    )


def build_user_daily(measured: DataFrame, sessions: DataFrame, settings: Settings) -> DataFrame:
    """One row per run_date, user and local day of event; anonymous visitors are left out.

    Parameters
    ----------
    measured
        As `with_measures` gives them.
    sessions
        Rows of `sessions` with their `run_date`; a visit counts on the local day of its first event, and not again
        on the run date on which it goes on.
    settings
        Gives the time zone.
    """
    by_place = (
        measured.filter("user_id IS NOT NULL")
        .groupBy("run_date", "user_id", "event_day", "country", "platform")
        .agg(
            *_sql("count(*) AS n_events"),
            *_sql(*(f"sum({name}) AS {name}" for name in _USER_SUMS)),
            *_sql("max(event_time) AS last_event_time"),
        )
        .withColumn("n_sessions", F.lit(0).cast("long"))
    )
    visits = sessions.filter("user_id IS NOT NULL AND NOT is_continued").selectExpr(
        "run_date", "user_id", f"CAST({_local('started_at', settings)} AS date) AS event_day", "1L AS n_sessions"
    )
    sums = ("n_events", "n_sessions", *_USER_SUMS)
    by_day = (
        by_place.unionByName(visits, allowMissingColumns=True)
        .groupBy("run_date", "user_id", "event_day")
        .agg(
            *_sql(*(f"sum({name}) AS {name}" for name in sums)),
            *_sql(*(f"max(IF({name} IS NULL, NULL, {_last(name)})) AS {name}" for name in ("country", "platform"))),
            *_sql("max(last_event_time) AS last_event_time"),
        )
    )
    return by_day.filter("n_events > 0").selectExpr(
        *("run_date", "user_id", "event_day", "n_events", *_USER_COUNTS, "n_sessions"),
        *(_exact(name) for name in _AMOUNTS),
        f"array({', '.join(unpack(_PACKED, _HOURS))}) AS hours",
        *("country.country AS country", "platform.platform AS platform", "last_event_time"),
    )


def build_user_item_daily(measured: DataFrame) -> DataFrame:
    """One row per run_date, user, item and local day of event; anonymous visitors are left out."""
    known = measured.filter("user_id IS NOT NULL AND item_id IS NOT NULL")
    pairs = known.groupBy("run_date", "user_id", "item_id", "event_day").agg(
        *_sql("count(*) AS n_events", *(f"sum({name}) AS {name}" for name in (*_STEPS, "n_purchases", "weight"))),
        *_sql("min(event_time) AS first_event_time"),
    )
    return pairs.selectExpr(
        *("run_date", "user_id", "item_id", "event_day", "n_events", *_STEPS, "n_purchases"),
        *(_exact("weight"), "first_event_time"),
    )


def build_item_places(measured: DataFrame) -> DataFrame:
    """One row per run_date, item, country, platform and price: small, and the base of two tables; keep it."""
    return (
        measured.filter("item_id IS NOT NULL")
        .groupBy("run_date", "item_id", "country", "platform", "price")
        .agg(
            *_sql("count(*) AS n_events", "sum(n_purchases) AS n_purchases", "sum(revenue) AS revenue"),
            *_sql("sum(weight) AS weight", "max(event_time) AS last_event_time"),
        )
    )


def build_item_daily(places: DataFrame, pairs: DataFrame) -> DataFrame:
    """One row per run_date and item, anonymous visitors included.

    Parameters
    ----------
    places
        As `build_item_places` gives them.
    pairs
        Rows of `user_item_daily` with their `run_date`: who came on the day itself.
    """
    sums = ("n_events", "n_purchases", "revenue", "weight")
    items = places.groupBy("run_date", "item_id").agg(
        *_sql(*(f"sum({name}) AS {name}" for name in sums)),
        *_sql(f"max(IF(price IS NULL, NULL, {_last('price')})) AS last"),
    )
    users = pairs.filter("event_day = run_date").groupBy("run_date", "item_id").agg(*_sql("count(*) AS n_users"))
    return items.join(users, on=["run_date", "item_id"], how="left").selectExpr(
        *("run_date", "item_id", "n_events", "n_purchases", "coalesce(n_users, 0L) AS n_users"),
        *(_exact("revenue"), _exact("weight"), "last.price AS price"),
    )


def build_context_item_daily(places: DataFrame) -> DataFrame:
    """One row per run_date, context and item; an event counts in each context that it belongs to.

    Parameters
    ----------
    places
        As `build_item_places` gives them.
    """
    placed = places.withColumn("context", F.explode(contexts(F.col("country"), F.col("platform"))))
    summed = placed.groupBy("run_date", "context", "item_id").agg(*_sql("sum(weight) AS weight"))
    return summed.selectExpr("run_date", "context", "item_id", _exact("weight"))


def _weight(weights: Mapping[str, Decimal]) -> str:
    """SQL for the weight of an event type in ten-thousandths."""
    units = {name: int((weight * _UNIT).to_integral_value(ROUND_HALF_UP)) for name, weight in sorted(weights.items())}
    cases = " ".join(f"WHEN '{name}' THEN {unit}L" for name, unit in units.items() if unit)
    return f"CASE event_type {cases} ELSE 0L END" if cases else "0L"


def _is_one_of(types: Sequence[str]) -> str:
    """SQL for an event of one of these types."""
    return f"event_type IN ({', '.join(map(sql_text, types))})" if types else "false"


def _local(moment: str, settings: Settings) -> str:
    zone = settings.schedule.time_zone
    return moment if zone == "UTC" else f"from_utc_timestamp({moment}, '{zone}')"


def _last(column: str) -> str:
    """A struct whose largest is that of the last event; of several at one moment the largest value."""
    return f"struct(last_event_time, {column})"


def _exact(column: str) -> str:
    """Ten-thousandths as a decimal of four places."""
    return f"CAST(CAST({column} AS decimal(20,0)) * 0.0001BD AS decimal(18,4)) AS {column}"


def _sql(*expressions: str) -> list[Expression]:
    return [F.expr(expression) for expression in expressions]
