"""Rolling state: what is known of a key as of the end of D; see `jobs/features/rolling.py`.

A key to which nothing arrived for long is at rest, and stands in a table of its own.
"""

from dataclasses import replace

from jobs.core.habit_schemas import USER_HABITS_REST, USER_HABITS_STATE
from jobs.core.table import Column, Table

USER_STATE = Table(
    name="user_state",
    doc="One row per known user with an arrival of late, as of the end of D; the others are in `user_rest`.",
    kind="state",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("first_day", "date", "first day with an event"),
        Column("last_day", "date", "last day with an event"),
        Column("last_intent_day", "date", "last day with an intent event", nullable=True),
        Column("n_events", "long", "events, all time"),
        Column("n_events_last", "long", "events that arrived on activity_day"),
        Column("n_events_7d", "long", "events of the 7 days that end with D"),
        Column("n_events_28d", "long", "events of the 28 days that end with D"),
        Column("n_events_90d", "long", "events of the 90 days that end with D"),
        Column("n_intents_7d", "long", "intent events of the 7 days that end with D"),
        Column("n_intents_28d", "long", "intent events of the 28 days that end with D"),
        Column("n_intents_90d", "long", "intent events of the 90 days that end with D"),
        Column("n_sessions_7d", "long", "visits of the 7 days that end with D"),
        Column("n_sessions_28d", "long", "visits of the 28 days that end with D"),
        Column("n_sessions_90d", "long", "visits of the 90 days that end with D"),
        Column("n_active_days", "long", "days with an event that came in time, all time"),
        Column("n_active_days_7d", "long", "days with an event among the 7 that end with D"),
        Column("n_active_days_28d", "long", "days with an event among the 28 that end with D"),
        Column("n_active_days_90d", "long", "days with an event among the 90 that end with D"),
        Column("n_purchases", "long", "purchases less refunds, all time"),
        Column("n_purchases_last", "long", "purchases less refunds that arrived on activity_day"),
        Column("n_purchases_7d", "long", "purchases less refunds of the 7 days that end with D"),
        Column("n_purchases_28d", "long", "purchases less refunds of the 28 days that end with D"),
        Column("n_purchases_90d", "long", "purchases less refunds of the 90 days that end with D"),
        Column("revenue", "decimal(18,4)", "all time"),
        Column("revenue_last", "decimal(18,4)", "what arrived on activity_day"),
        Column("revenue_7d", "decimal(18,4)", "of the 7 days that end with D"),
        Column("revenue_28d", "decimal(18,4)", "of the 28 days that end with D"),
        Column("revenue_90d", "decimal(18,4)", "of the 90 days that end with D"),
        Column("activity", "double", "decayed events as of activity_day"),
        Column("activity_day", "date", "last day on which anything arrived; the decayed sums are as of it"),
        Column("decayed_revenue", "double", "decayed revenue as of activity_day"),
        Column("wanted", "double", "decayed weight of intent events with a price, as of activity_day"),
        Column("wanted_log_price", "double", "the same, each weight times ln(price)"),
        Column("wanted_log_price_squared", "double", "the same, each weight times ln(price) squared"),
        Column("n_gaps", "long", "pauses from a day with an event to the next one"),
        Column("gap_days", "long", "sum of these pauses, days"),
        Column("gap_days_squared", "long", "sum of their squares, days squared"),
        Column("n_long_gaps", "long", "of these pauses those of 7 days and more"),
        Column("n_days", "long", "days with an event; one whose events arrived on several days counts for each"),
        Column("log_revenue", "decimal(18,4)", "sum over these days of ln(1 + revenue), 0 where it is negative"),
        Column("n_wanted_items", "long", "items of positive weight, each once a day"),
        Column(
            "log_popularity",
            "decimal(18,4)",
            "sum over these of how common each was then, see features/wanted_items.py",
        ),
        Column("hours", "array<long>", "events by local hour of the app, 24 counts, all time"),
        Column("weekdays", "array<long>", "events by local weekday, 7 counts from Monday on, all time"),
        Column("country", "string", "last known country", nullable=True),
        Column("platform", "string", "last known platform", nullable=True),
    ),
    schema_version=3,
    state_version=4,
    shaped_by=(
        "features.user_half_life_days",
        "features.affinity_half_life_days",
        "events.intent",
        "events.weights",
        "activity.days",
        "churn.at_risk_days",
    ),
)


ITEM_STATE = Table(
    name="item_state",
    doc="One row per item with an arrival of late, as of the end of D; the others are in `item_rest`.",
    kind="state",
    grain=("item_id",),
    columns=(
        Column("item_id", "string", "item"),
        Column("first_day", "date", "first day on which an event arrived"),
        Column("last_day", "date", "last day on which an event arrived"),
        Column("n_events", "long", "events, all time"),
        Column("n_events_last", "long", "events that arrived on last_day"),
        Column("n_events_7d", "long", "events of the 7 days that end with D"),
        Column("n_events_28d", "long", "events of the 28 days that end with D"),
        Column("n_events_90d", "long", "events of the 90 days that end with D"),
        Column("n_purchases", "long", "purchases less refunds, all time"),
        Column("n_purchases_last", "long", "purchases less refunds that arrived on last_day"),
        Column("n_purchases_7d", "long", "purchases less refunds of the 7 days that end with D"),
        Column("n_purchases_28d", "long", "purchases less refunds of the 28 days that end with D"),
        Column("n_purchases_90d", "long", "purchases less refunds of the 90 days that end with D"),
        Column("revenue_7d", "decimal(18,4)", "of the 7 days that end with D"),
        Column("revenue_28d", "decimal(18,4)", "of the 28 days that end with D"),
        Column("revenue_90d", "decimal(18,4)", "of the 90 days that end with D"),
        Column("popularity", "double", "decayed weight as of popularity_day"),
        Column("popularity_day", "date", "last day on which anything arrived; popularity is as of it"),
        Column("price", "decimal(18,4)", "last price seen", nullable=True),
    ),
    schema_version=2,
    state_version=2,
    shaped_by=("features.item_half_life_days", "events.weights", "lists.available_days"),
)


USER_ITEM_STATE = Table(
    name="user_item_state",
    doc="One row per user and item that met of late, as of the end of D; the others are in `user_item_rest`.",
    kind="state",
    grain=("user_id", "item_id"),
    columns=(
        Column("user_id", "string", "user"),
        Column("item_id", "string", "item"),
        Column("first_day", "date", "first day with an event"),
        Column("last_day", "date", "last day with an event"),
        Column("n_events", "long", "events, all time"),
        Column("n_purchases", "long", "purchases less refunds, all time"),
        Column("weight", "decimal(18,4)", "sum of events.weights, all time"),
        Column("affinity", "double", "decayed weight as of affinity_day"),
        Column("affinity_day", "date", "day to which affinity is decayed"),
    ),
    state_version=2,
    shaped_by=("features.affinity_half_life_days", "events.weights", "features.pair_days"),
)


CONTEXT_ITEM_STATE = Table(
    name="context_item_state",
    doc="One row per context and item that met of late, as of the end of D; the others are in `context_item_rest`.",
    kind="state",
    grain=("context", "item_id"),
    columns=(
        Column("context", "string", "country|platform|daypart, a missing part is *"),
        Column("item_id", "string", "item"),
        Column("last_day", "date", "last day on which an event arrived"),
        Column("popularity", "double", "decayed weight as of popularity_day"),
        Column("popularity_day", "date", "day to which popularity is decayed"),
    ),
    state_version=2,
    shaped_by=("features.item_half_life_days", "events.weights", "lists.available_days"),
)


def _rest_of(state: Table, name: str, what: str) -> Table:
    """The table of a state's keys at rest: the same columns, as they were when the rest began."""
    return replace(
        state,
        name=name,
        doc=f"One row per {what} whose rest begins on D, on a merge day per {what} at rest; see features/rest.py.",
        shaped_by=(*state.shaped_by, "schedule.first_day", "retention.rest_merge_days"),
    )


USER_REST = _rest_of(USER_STATE, "user_rest", "user")
ITEM_REST = _rest_of(ITEM_STATE, "item_rest", "item")
USER_ITEM_REST = _rest_of(USER_ITEM_STATE, "user_item_rest", "user and item")
CONTEXT_ITEM_REST = _rest_of(CONTEXT_ITEM_STATE, "context_item_rest", "context and item")

REST_TABLES = (USER_REST, ITEM_REST, USER_ITEM_REST, USER_HABITS_REST, CONTEXT_ITEM_REST)

STATE_TABLES = (
    USER_STATE,
    ITEM_STATE,
    USER_ITEM_STATE,
    USER_HABITS_STATE,
    CONTEXT_ITEM_STATE,
    *REST_TABLES,
)
