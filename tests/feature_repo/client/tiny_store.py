"""A tiny generation with every rung of the ladder."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from feast import FeatureView, ValueType
from plain_writer import PlainWriter

RUN_DATE = date(2025, 3, 3)
END = datetime(2025, 3, 4, tzinfo=UTC)
NOW = END + timedelta(hours=6)
HOSTILE = (
    "o'hara",
    'say "hi"; DROP TABLE users --',
    "../../etc/passwd",
    "a/b/c",
    "..",
    "line\nbreak\r\n",
    "\u202ertl\u202c",
    "x" * 10_000,
    "🦉" * 10,
    "\x00nul",
    "",
    "%2e%2e%2f",
    "?user=1&k=2#x",
)
_DEFAULTS = {
    ValueType.STRING: "x",
    ValueType.INT32: 7,
    ValueType.INT64: 2**40,
    ValueType.DOUBLE: 0.1,
    ValueType.STRING_LIST: ["x"],
    ValueType.INT64_LIST: [2, 0],
    ValueType.DOUBLE_LIST: [0.5, 0.25],
}
_KEYS = {
    "segment": ("active", "dormant"),
    "context": ("GB|web|*", "GB|*|*"),
    "everybody": ("everybody",),
    "item_id": ("i1", "a/b"),
}


def publish(writer: PlainWriter, salt: str = "", content: str = "0" * 16, without: tuple[str, ...] = ()) -> None:
    """Put one generation online; `salt` starts every item's id, `without` names views that have no row."""
    views = {view.name: view for view in writer.store.list_feature_views()}
    generation = f"{RUN_DATE}-{content[:8]}"
    writer.replace({name: rows_of(view, salt, generation) for name, view in views.items() if name not in without})


def rows_of(view: FeatureView, salt: str, generation: str) -> dict[str, dict[str, Any]]:
    """Rows of one view by key; what is not said here has a value of its type."""
    own = ("ann", *(user for user in HOSTILE if user))
    keys = _KEYS.get(view.entity_columns[0].name, own)
    rows: dict[str, dict[str, Any]] = {key: {} for key in keys}
    if view.name == "user_serving":
        rows = {user: {"segment": "active", "status": "active"} for user in own}
        rows |= {
            "dora": {"segment": "dormant", "status": "active"},
            "otto": {"segment": "active", "status": "opted_out"},
        }
    if view.name == "churn":
        rows = {user: {"probability": 0.25, "model": "churn-1"} for user in own}
    if "items" in {field.name for field in view.features}:
        rows = {key: list_row(salt, view.name, key) for key in keys}
    return {key: {**blank(view, generation), **row} for key, row in rows.items()}


def blank(view: FeatureView, generation: str) -> dict[str, Any]:
    """A row whose features say nothing, and the stamps."""
    stamps = {"generation": generation, "run_date": str(RUN_DATE), "expires_at": END + timedelta(days=7), "model": ""}
    return {**{f.name: _DEFAULTS.get(f.dtype.to_value_type()) for f in view.features}, **stamps}


def list_row(salt: str, view: str, key: str) -> dict[str, Any]:
    """Three items that say where they stand."""
    return {
        "items": [f"{salt}{view}:{key[:8]}:{place}" for place in range(3)],
        "scores": [3.0, 2.0, 1.5],
        "reasons": ["because_you_had", "like_your_taste", "popular"],
        "anchors": ["i1", "", ""],
        "sources": ["als", "als", "popular"],
        "model": "ranker-1",
    }
