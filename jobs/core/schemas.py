"""The tables of the lake that are no feature views (those are in `jobs/features/`).

A partition is one run date D. "Arrived on D" means: stood in a file of day D. Days and times of events
are the app's local day and UTC.
"""

from jobs.core.table import Column, Table

RAW_EVENTS = Table(
    name="raw_events",
    doc="One row per row of the log that arrived on D, untouched; rows may repeat.",
    kind="log",
    grain=(),
    columns=(
        Column("source", "string", "name of the log"),
        Column("raw", "string", "the row as JSON text; a line that is no JSON stays as it is"),
        Column("source_file", "string", "file the row was read from", volatile=True),
    ),
)

EVENT_COLUMNS = (
    Column("event_id", "string", "id of the event; a hash of the row where the log has none"),
    Column("event_type", "string", "one of events.weights"),
    Column("event_time", "timestamp", "when it happened, UTC"),
    Column("event_day", "date", "the app's local day of event_time"),
    Column("user_id", "string", "known user", nullable=True),
    Column("anonymous_id", "string", "browser or installation before sign-in", nullable=True),
    Column("device_id", "string", "device", nullable=True),
    Column("session_id", "string", "visit: visitor and start; see sessions"),
    Column("item_id", "string", "item the event is about", nullable=True),
    Column("price", "decimal(18,4)", "price of one piece, in currency", nullable=True),
    Column("currency", "string", "ISO 4217 code", nullable=True),
    Column("quantity", "long", "pieces, always positive; the type says the direction", nullable=True),
    Column("dwell_ms", "long", "time spent, milliseconds", nullable=True),
    Column("search_query", "string", "text that was searched", nullable=True),
    Column("surface", "string", "place in the app where the item was shown", nullable=True),
    Column("position", "int", "rank within the surface, from 0", nullable=True),
    Column("platform", "string", "web, ios, android, ...", nullable=True),
    Column("device_class", "string", "phone, tablet, desktop", nullable=True),
    Column("app_version", "string", "version of the app", nullable=True),
    Column("locale", "string", "language and region", nullable=True),
    Column("country", "string", "country of the visitor as the log names it", nullable=True),
    Column("time_zone", "string", "IANA zone of the visitor", nullable=True),
    Column("schema_version", "int", "version of the log's own schema", nullable=True),
    Column("source", "string", "name of the log"),
)

# Filled by Nightjar, not by the log.
_OWN_EVENT_COLUMNS = ("event_day", "session_id", "source")

MAPPABLE = tuple(column.name for column in EVENT_COLUMNS if column.name not in _OWN_EVENT_COLUMNS)
"""Event columns that an app's `log.columns` may fill."""

EVENTS = Table(
    name="events",
    doc="One row per clean event that arrived on D; the first copy where it came twice.",
    kind="log",
    grain=("event_id",),
    columns=EVENT_COLUMNS,
)

QUARANTINE = Table(
    name="quarantine",
    doc="One row per different text of D that is no event, with one reason; the ledger counts its copies.",
    kind="log",
    grain=(),
    columns=(
        Column("source", "string", "name of the log"),
        Column("reason", "string", "code of the first rule that refused the row"),
        Column("raw", "string", "the row as it came"),
        Column("source_file", "string", "file the row was read from", volatile=True),
    ),
)

LEDGER = Table(
    name="ledger",
    doc="One row per source, place and reason of D; the rows of a source add up to its raw rows.",
    kind="log",
    grain=("source", "place", "reason"),
    columns=(
        Column("source", "string", "name of the log"),
        Column("place", "string", "raw, clean, quarantined or duplicate"),
        Column("reason", "string", "why quarantined or duplicate; else empty"),
        Column("n_rows", "long", "rows"),
    ),
)

SESSIONS = Table(
    name="sessions",
    doc="One row per visit on D; a visit ends after clean.session_gap_minutes without an event.",
    kind="log",
    grain=("session_id",),
    columns=(
        Column("session_id", "string", "visitor and start"),
        Column("user_id", "string", "known user", nullable=True),
        Column("started_at", "timestamp", "first event, UTC"),
        Column("ended_at", "timestamp", "last event, UTC"),
        Column("n_events", "long", "events of the visit"),
        Column("n_items", "long", "distinct items of the visit"),
    ),
)

USER_STATUS = Table(
    name="user_status",
    doc="One row per user who ever opted out, opted in again or asked for deletion, as of the end of D.",
    kind="state",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("status", "string", "active, opted_out or deleted; deleted stays"),
        Column("since", "timestamp", "time of the event that set it, UTC"),
    ),
    state_version=1,
)

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
        Column("n_sessions", "long", "visits"),
        Column("revenue", "decimal(18,4)", "price times quantity, refunds and cancellations negative"),
        Column("country", "string", "country of the last event that had one", nullable=True),
        Column("platform", "string", "platform of the last event that had one", nullable=True),
        Column("last_event_time", "timestamp", "UTC"),
    ),
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
        Column("n_users", "long", "distinct known users"),
        Column("weight", "decimal(18,4)", "sum of events.weights"),
        Column("price", "decimal(18,4)", "price of the last event that had one", nullable=True),
    ),
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
        Column("n_purchases", "long", "purchases less refunds and cancellations"),
        Column("weight", "decimal(18,4)", "sum of events.weights"),
    ),
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

USER_STATE = Table(
    name="user_state",
    doc="One row per known user, as of the end of D.",
    kind="state",
    grain=("user_id",),
    columns=(
        Column("user_id", "string", "user"),
        Column("first_day", "date", "first day with an event"),
        Column("last_day", "date", "last day with an event"),
        Column("last_intent_day", "date", "last day with an intent event", nullable=True),
        Column("n_events", "long", "events, all time"),
        Column("n_events_7d", "long", "events of the 7 days that end with D"),
        Column("n_events_28d", "long", "events of the 28 days that end with D"),
        Column("n_events_90d", "long", "events of the 90 days that end with D"),
        Column("n_intents_7d", "long", "intent events of the 7 days that end with D"),
        Column("n_intents_28d", "long", "intent events of the 28 days that end with D"),
        Column("n_intents_90d", "long", "intent events of the 90 days that end with D"),
        Column("n_sessions_28d", "long", "visits of the 28 days that end with D"),
        Column("n_active_days", "long", "days with an event that came in time, all time"),
        Column("n_active_days_28d", "long", "days with an event among the 28 that end with D"),
        Column("n_active_days_90d", "long", "days with an event among the 90 that end with D"),
        Column("n_purchases", "long", "purchases less refunds, all time"),
        Column("n_purchases_90d", "long", "purchases less refunds of the 90 days that end with D"),
        Column("revenue", "decimal(18,4)", "all time"),
        Column("revenue_90d", "decimal(18,4)", "of the 90 days that end with D"),
        Column("activity", "double", "decayed events as of activity_day"),
        Column("activity_day", "date", "day to which activity is decayed"),
        Column("country", "string", "last known country", nullable=True),
        Column("platform", "string", "last known platform", nullable=True),
    ),
    state_version=1,
    shaped_by=("features.user_half_life_days", "events.intent"),
)

ITEM_STATE = Table(
    name="item_state",
    doc="One row per item that ever had an event, as of the end of D.",
    kind="state",
    grain=("item_id",),
    columns=(
        Column("item_id", "string", "item"),
        Column("first_day", "date", "first day on which an event arrived"),
        Column("last_day", "date", "last day on which an event arrived"),
        Column("n_events", "long", "events, all time"),
        Column("n_events_7d", "long", "events of the 7 days that end with D"),
        Column("n_events_28d", "long", "events of the 28 days that end with D"),
        Column("n_purchases", "long", "purchases less refunds, all time"),
        Column("n_purchases_7d", "long", "purchases less refunds of the 7 days that end with D"),
        Column("n_purchases_28d", "long", "purchases less refunds of the 28 days that end with D"),
        Column("popularity", "double", "decayed weight as of popularity_day"),
        Column("popularity_day", "date", "day to which popularity is decayed"),
        Column("price", "decimal(18,4)", "last price seen", nullable=True),
    ),
    state_version=1,
    shaped_by=("features.item_half_life_days", "events.weights"),
)

USER_ITEM_STATE = Table(
    name="user_item_state",
    doc="One row per user and item that ever met, as of the end of D.",
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
    state_version=1,
    shaped_by=("features.affinity_half_life_days", "events.weights"),
)

CONTEXT_ITEM_STATE = Table(
    name="context_item_state",
    doc="One row per context and item that ever met, as of the end of D.",
    kind="state",
    grain=("context", "item_id"),
    columns=(
        Column("context", "string", "country|platform|daypart, a missing part is *"),
        Column("item_id", "string", "item"),
        Column("last_day", "date", "last day on which an event arrived"),
        Column("popularity", "double", "decayed weight as of popularity_day"),
        Column("popularity_day", "date", "day to which popularity is decayed"),
    ),
    state_version=1,
    shaped_by=("features.item_half_life_days", "events.weights"),
)

RECOMMENDER_TRAINING = Table(
    name="recommender_training",
    doc="One row per split, user and item: what a recommender may learn from.",
    kind="training",
    grain=("split", "user_id", "item_id"),
    columns=(
        Column("split", "string", "holdout_history (up to the cut), holdout_truth (after it) or full (up to D)"),
        Column("user_id", "string", "user"),
        Column("item_id", "string", "item"),
        Column("weight", "double", "positive: decayed affinity; 1 in holdout_truth"),
    ),
    owner="data-science",
)

CHALLENGER_COLUMNS = (
    Column("role", "string", "recommender or churn"),
    Column("model", "string", "content name: <kind>-<D>-<hash of training set, parameters and code>"),
    Column("kind", "string", "als, popularity, churn_lightgbm, ..."),
    Column("recipe", "string", "kind and parameters, JSON"),
    Column("metrics", "string", "metrics on the holdout, JSON"),
    Column("champion", "string", "content name of yesterday's champion, empty where there was none"),
    Column("champion_metrics", "string", "its recipe's metrics on the same holdout, JSON"),
    Column("training_digest", "string", "digest of the training set"),
    Column("run_id", "string", "MLflow run", volatile=True),
)

RECOMMENDER_CHALLENGER = Table(
    name="recommender_challenger",
    doc="At most one row: the recommender trained on D.",
    kind="model",
    grain=("role",),
    columns=CHALLENGER_COLUMNS,
    owner="data-science",
)

CHURN_CHALLENGER = Table(
    name="churn_challenger",
    doc="At most one row: the churn model trained on D.",
    kind="model",
    grain=("role",),
    columns=CHALLENGER_COLUMNS,
    owner="data-science",
)

CHAMPIONS = Table(
    name="champions",
    doc="One row per role that has a champion at the end of D.",
    kind="model",
    grain=("role",),
    columns=(
        Column("role", "string", "recommender or churn"),
        Column("model", "string", "content name of the model that serves"),
        Column("kind", "string", "als, popularity, ..."),
        Column("recipe", "string", "kind and parameters, JSON"),
        Column("challenger", "string", "content name of D's challenger, empty where none was trained"),
        Column("decision", "string", "promoted, refused, kept, copied or by_hand"),
        Column("reason", "string", "one sentence with the numbers"),
        Column("numbers", "string", "the gate's numbers, JSON"),
        Column("by", "string", "gate or hand"),
    ),
    owner="data-science",
)

RECOMMENDATIONS = Table(
    name="recommendations",
    doc="One row per entity, key, surface and rank; entities are the rungs of the ladder.",
    kind="output",
    grain=("entity", "key", "surface", "rank"),
    columns=(
        Column("entity", "string", "user, segment, context or everybody"),
        Column("key", "string", "its id"),
        Column("surface", "string", "for_you"),
        Column("rank", "int", "from 1"),
        Column("item_id", "string", "item"),
        Column("score", "double", "of the model, six significant digits; comparable within a list only"),
        Column("reason", "string", "code: because_you_had, popular, popular_in_context, popular_in_segment"),
        Column("anchor", "string", "item of the user's history that the reason names, else empty"),
        Column("source", "string", "candidate source"),
        Column("model", "string", "content name"),
    ),
    owner="data-science",
)

PREDICTIONS = Table(
    name="predictions",
    doc="One row per active user and prediction.",
    kind="output",
    grain=("user_id", "prediction"),
    columns=(
        Column("user_id", "string", "user"),
        Column("prediction", "string", "churn"),
        Column("probability", "double", "in [0, 1], six decimals"),
        Column("model", "string", "content name"),
    ),
    owner="data-science",
)

PUBLISHED = Table(
    name="published",
    doc="One row per view of the generation that D published, or found published.",
    kind="output",
    grain=("view",),
    columns=(
        Column("view", "string", "feature view of the online store"),
        Column("generation", "string", "<D>-<first 8 of the content digest>"),
        Column("content_digest", "string", "hash of the view's rows less generation and expiry"),
        Column("n_rows", "long", "rows of the view"),
        Column("publish_number", "long", "of the store", volatile=True),
        Column("outcome", "string", "published, unchanged, skipped or withdrawn", volatile=True),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        RAW_EVENTS,
        EVENTS,
        QUARANTINE,
        LEDGER,
        SESSIONS,
        USER_STATUS,
        USER_DAILY,
        ITEM_DAILY,
        USER_ITEM_DAILY,
        CONTEXT_ITEM_DAILY,
        USER_STATE,
        ITEM_STATE,
        USER_ITEM_STATE,
        CONTEXT_ITEM_STATE,
        RECOMMENDER_TRAINING,
        RECOMMENDER_CHALLENGER,
        CHURN_CHALLENGER,
        CHAMPIONS,
        RECOMMENDATIONS,
        PREDICTIONS,
        PUBLISHED,
    )
}
