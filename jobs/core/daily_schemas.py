"""The daily aggregates: what arrived on a day, summed; rolling state is made of them."""

from jobs.core.habit_schemas import USER_HABITS_DAILY
from jobs.core.table import Column, Table

USER_DAILY = Table(
    name="user_daily",
    doc="One row per user and local day of event, over the events that arrived on D.",
    kind="aggregate",
    grain=("user_id", "event_day"),
    columns=(
        Column("user_id", "string", "user"),
        Column("event_day", "date", "local day of the events; before D where they came late"),
        Column("n_events", "long", "events"),
        Column("n_intents", "long", "events of a type in events.intent"),
        Column("n_purchases", "long", "purchases less refunds and cancellations"),
        Column("n_goals", "long", "events of the type that predictions.conversion.goal names; 0 where it is intent"),
        Column("n_goodbyes", "long", "events of a type in events.goodbyes"),
        Column("n_sessions", "long", "visits that began on the day; one that went on over midnight counts once"),
        Column("revenue", "decimal(18,4)", "price times quantity, refunds and cancellations negative"),
        Column("wanted", "decimal(18,4)", "sum of events.weights of intent events that had a price"),
        Column("wanted_log_price", "decimal(18,4)", "the same, each weight times ln(price)"),
        Column("wanted_log_price_squared", "decimal(18,4)", "the same, each weight times ln(price) squared"),
        Column("hours", "array<long>", "events by local hour of the app, 24 counts from midnight on"),
        Column("country", "string", "country of the last event that had one", nullable=True),
        Column("platform", "string", "platform of the last event that had one", nullable=True),
        Column("last_event_time", "timestamp", "UTC"),
    ),
    schema_version=3,
)


ITEM_DAILY = Table(
    name="item_daily",
    doc="One row per item, over the events that arrived on D, anonymous visitors included.",
    kind="aggregate",
    grain=("item_id",),
    columns=(
        Column("item_id", "string", "item"),
        Column("n_events", "long", "events"),
        Column("n_purchases", "long", "purchases less refunds and cancellations"),
        Column("n_users", "long", "distinct known users on D itself; late events do not count"),
        Column("revenue", "decimal(18,4)", "price times quantity, refunds and cancellations negative"),
        Column("weight", "decimal(18,4)", "sum of events.weights"),
        Column("price", "decimal(18,4)", "price of the last event that had one", nullable=True),
    ),
    schema_version=2,
)


USER_ITEM_DAILY = Table(
    name="user_item_daily",
    doc="One row per user, item and local day of event, over the events that arrived on D.",
    kind="aggregate",
    grain=("user_id", "item_id", "event_day"),
    columns=(
        Column("user_id", "string", "user"),
        Column("item_id", "string", "item"),
        Column("event_day", "date", "local day of the events"),
        Column("n_events", "long", "events"),
        Column("n_shown", "long", "events of a type in events.funnel.shown"),
        Column("n_opened", "long", "events of a type in events.funnel.opened"),
        Column("n_wanted", "long", "events of a type in events.funnel.wanted"),
        Column("n_purchases", "long", "purchases less refunds and cancellations"),
        Column("weight", "decimal(18,4)", "sum of events.weights"),
        Column("first_event_time", "timestamp", "UTC, of the first of these events: the order within a day"),
    ),
    schema_version=2,
)


CONTEXT_ITEM_DAILY = Table(
    name="context_item_daily",
    doc="One row per context and item, over the events that arrived on D.",
    kind="aggregate",
    grain=("context", "item_id"),
    columns=(
        Column("context", "string", "country|platform|daypart, a missing part is *"),
        Column("item_id", "string", "item"),
        Column("weight", "decimal(18,4)", "sum of events.weights"),
    ),
)

DAILY_TABLES = (
    USER_DAILY,
    ITEM_DAILY,
    USER_ITEM_DAILY,
    CONTEXT_ITEM_DAILY,
    USER_HABITS_DAILY,
)
