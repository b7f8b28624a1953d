"""The event model, and the tables of the log: raw rows, events, what became of them, and profiles.

A partition is one run date D. "Arrived on D" means: stood in a file of day D, or in a later part of a log that is
split by event time. Days are the app's local days, times are UTC. The model is documented in `docs/event-model.md`.
"""

from jobs.core.table import Column, Table

EVENT_MODEL_VERSION = 1
"""Raised when an event column is added, removed, retyped or means something else."""

RAW_FILES = Table(
    name="raw_files",
    doc="One row per log file that arrived on D; the file itself is kept beside, as it came.",
    kind="log",
    grain=("source", "digest", "copy"),
    columns=(
        Column("source", "string", "name of the log"),
        Column("digest", "string", "hash of the file's content, unpacked"),
        Column("copy", "long", "number among the day's files of the same content, from 0"),
        Column("name", "string", "the file's name", volatile=True),
        Column("kept_as", "string", "path beside the table's files, within the attempt", volatile=True),
        Column("format", "string", "csv, jsonlines or parquet: how it is read"),
    ),
    schema_version=2,
)

RAW_EVENTS = Table(
    name="raw_events",
    doc="One row per row of D of the logs that are split by event time, untouched; rows may repeat.",
    kind="log",
    grain=(),
    columns=(
        Column("source", "string", "name of the log"),
        Column("header", "string", "names of the fields as a JSON list; empty where `raw` is JSON itself"),
        Column("raw", "string", "the row: JSON text, or its fields with U+001F between them and U+001E for a null"),
        Column("source_file", "string", "file the row was read from", volatile=True),
    ),
    schema_version=2,
)

EVENT_COLUMNS = (
    Column("event_id", "string", "id of the event; a hash of the row where the log has none"),
    Column("event_type", "string", "one of events.weights"),
    Column("event_time", "timestamp", "when it happened, UTC"),
    Column("arrived_at", "timestamp", "when it reached the log, UTC; the log's own word", nullable=True),
    Column("event_day", "date", "the app's local day of event_time"),
    Column("user_id", "string", "known user, of the row or joined by identity", nullable=True),
    Column("user_from", "string", "row, anonymous_id or device_id: what names the user", nullable=True),
    Column("anonymous_id", "string", "browser or installation before sign-in", nullable=True),
    Column("device_id", "string", "device", nullable=True),
    Column("session_id", "string", "visit: visitor and start; see sessions"),
    Column("item_id", "string", "item the event is about", nullable=True),
    Column("value", "decimal(18,4)", "what the type measures: stars of a rating, depth of a scroll", nullable=True),
    Column("price", "decimal(18,4)", "price of one piece, in currency", nullable=True),
    Column("currency", "string", "ISO 4217 code", nullable=True),
    Column("quantity", "long", "pieces, always positive; the type says the direction", nullable=True),
    Column("order_id", "string", "order or transaction; a refund carries that of its purchase", nullable=True),
    Column("dwell_ms", "long", "time spent, milliseconds", nullable=True),
    Column("search_query", "string", "text that was searched", nullable=True),
    Column("surface", "string", "place in the app where the item was shown", nullable=True),
    Column("position", "int", "rank within the surface, from 0", nullable=True),
    Column("list_id", "string", "the list in which the item was shown", nullable=True),
    Column("shown_model", "string", "model that chose the item", nullable=True),
    Column("shown_experiment", "string", "experiment under which it was shown", nullable=True),
    Column("shown_variant", "string", "variant of the experiment", nullable=True),
    Column("propensity", "double", "probability with which the item was shown there, in (0, 1]", nullable=True),
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
_OWN_EVENT_COLUMNS = ("event_day", "user_from", "session_id", "source")

MAPPABLE = tuple(column.name for column in EVENT_COLUMNS if column.name not in _OWN_EVENT_COLUMNS)
"""Event columns that a log of events may fill."""

EVENTS = Table(
    name="events",
    doc="One row per clean event that arrived on D; the first copy where it came twice.",
    kind="log",
    grain=("event_id",),
    columns=EVENT_COLUMNS,
    schema_version=2,
)

ITEM_PROFILE_COLUMNS = (
    Column("item_id", "string", "item"),
    Column("title", "string", "name as people read it", nullable=True),
    Column("category", "string", "its place in the catalogue, as the log names it", nullable=True),
    Column("brand", "string", "maker or label", nullable=True),
    Column("price", "decimal(18,4)", "list price of one piece, in currency", nullable=True),
    Column("currency", "string", "ISO 4217 code", nullable=True),
    Column("is_available", "boolean", "whether it can be had; true where the log does not say"),
)

USER_PROFILE_COLUMNS = (
    Column("user_id", "string", "user"),
    Column("country", "string", "country as the log names it", nullable=True),
    Column("locale", "string", "language and region", nullable=True),
    Column("platform", "string", "web, ios, android, ...", nullable=True),
    Column("signed_up_day", "date", "local day of the sign-up", nullable=True),
    Column("plan", "string", "tariff, tier or group that the app gives", nullable=True),
)

VALID_FROM = Column("valid_from", "date", "first run date with these very values")

ITEM_PROFILES = Table(
    name="item_profiles",
    doc="One row per item that a log of items named so far, as it was at the end of D.",
    kind="state",
    grain=("item_id",),
    columns=(*ITEM_PROFILE_COLUMNS, VALID_FROM),
    state_version=1,
)

USER_PROFILES = Table(
    name="user_profiles",
    doc="One row per user whom a log of users named so far, as it was at the end of D.",
    kind="state",
    grain=("user_id",),
    columns=(*USER_PROFILE_COLUMNS, VALID_FROM),
    state_version=1,
)

UPDATED_AT = "updated_at"
"""When a row of a log of items or users was told: the newest of a day stands. It is in no table."""

MAPPABLE_BY_KIND: dict[str, tuple[str, ...]] = {
    "events": MAPPABLE,
    "items": (*(column.name for column in ITEM_PROFILE_COLUMNS), UPDATED_AT),
    "users": (*(column.name for column in USER_PROFILE_COLUMNS), UPDATED_AT),
}
"""What a log of each kind may fill."""

QUARANTINE = Table(
    name="quarantine",
    doc="One row per different row of the log of D that is no event, with one reason.",
    kind="log",
    grain=(),
    columns=(
        Column("source", "string", "name of the log"),
        Column("reason", "string", "code of the first rule that refused the row"),
        Column("raw", "string", "the row as JSON text; a line that is no JSON stays as it is"),
        Column("n_copies", "long", "how often it came; the ledger counts the further ones as duplicates"),
        Column("source_file", "string", "file the row was read from", volatile=True),
    ),
    schema_version=2,
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
    doc="One row per visit with an event that arrived on D; it ends after clean.session_gap_minutes without one.",
    kind="log",
    grain=("session_id",),
    columns=(
        Column("session_id", "string", "hash of the visitor and the visit's first moment"),
        Column("user_id", "string", "known user", nullable=True),
        Column("started_at", "timestamp", "first event of the visit, UTC; before D where it went on over midnight"),
        Column("ended_at", "timestamp", "last event so far, UTC"),
        Column("is_continued", "boolean", "whether it began among the events of an earlier run date"),
        Column("n_events", "long", "its events that arrived on D"),
    ),
    schema_version=2,
)

OPEN_VISITS = Table(
    name="open_visits",
    doc="One row per visitor whose last visit may go on after the midnight that ends D.",
    kind="state",
    grain=("visitor",),
    columns=(
        Column("visitor", "long", "hash of the visitor's id and its kind"),
        Column("session_id", "string", "the visit"),
        Column("started_at", "timestamp", "its first event, UTC"),
        Column("ended_at", "timestamp", "its last event so far, UTC"),
    ),
    state_version=1,
    shaped_by=("clean.session_gap_minutes",),
)

IDENTITIES = Table(
    name="identities",
    doc="One row per anonymous id that a user was seen with or device id that one signed in on, as of the end of D.",
    kind="state",
    grain=("id_kind", "id"),
    columns=(
        Column("id_kind", "string", "anonymous_id or device_id"),
        Column("id", "string", "the id"),
        Column("user_id", "string", "the user who was last seen with it"),
        Column("since", "timestamp", "the first known event of that user with it after every other user's last; UTC"),
        Column("last_seen", "timestamp", "the last event of that user with it, UTC"),
        Column("last_day", "date", "last run date on which an event carried it, with or without a user"),
    ),
    state_version=1,
    shaped_by=("activity.days",),
)

PURCHASES = Table(
    name="purchases",
    doc="One row per purchase that arrived on D with its user, its order or both.",
    kind="log",
    grain=("event_id",),
    columns=(
        Column("event_id", "string", "the purchase"),
        Column("user_id", "string", "user; none of a guest's, which its order names", nullable=True),
        Column("item_id", "string", "item"),
        Column("order_id", "string", "order, where the log has one", nullable=True),
        Column("event_time", "timestamp", "UTC"),
        Column("quantity", "long", "pieces; 1 where the log does not say"),
    ),
    schema_version=2,
)

REFUNDS = Table(
    name="refunds",
    doc="One row per refund or cancellation that arrived on D, with the purchase that it takes back.",
    kind="log",
    grain=("event_id",),
    columns=(
        Column("event_id", "string", "the refund or cancellation"),
        Column("user_id", "string", "user", nullable=True),
        Column("item_id", "string", "item", nullable=True),
        Column("event_time", "timestamp", "UTC"),
        Column("quantity", "long", "pieces; 1 where the log does not say"),
        Column("matched_by", "string", "order, latest (the latest fitting purchase) or none"),
        Column("purchase_id", "string", "event id of the purchase", nullable=True),
        Column("purchase_time", "timestamp", "when it was made, UTC", nullable=True),
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

LOG_TABLES = (
    RAW_FILES,
    RAW_EVENTS,
    EVENTS,
    QUARANTINE,
    LEDGER,
    SESSIONS,
    OPEN_VISITS,
    IDENTITIES,
    PURCHASES,
    REFUNDS,
    USER_STATUS,
    ITEM_PROFILES,
    USER_PROFILES,
)
