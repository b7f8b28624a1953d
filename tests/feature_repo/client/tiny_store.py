"""A tiny generation with every rung of the ladder, published by our own writer."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd

from jobs.adapters.online.contract import decide
from jobs.adapters.online.encode import EncodedView, encode_view
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.adapters.online.stores import OnlineStore
from jobs.features.online import ONLINE_VIEWS

RUN_DATE = date(2025, 3, 3)
END = datetime(2025, 3, 4, tzinfo=UTC)
NOW = END + timedelta(hours=6)
HOSTILE = (
    "o'hara",
    'say "hi"; DROP TABLE users --',
    "../../etc/passwd",
    "a/b/c",
    "line\nbreak\r\n",
    "\u202ertl\u202c",
    "x" * 10_000,
    "🦉" * 10,
    "\x00nul",
    "",
    "%2e%2e%2f",
    "?user=1&k=2#x",
)
_DEFAULTS = {"string": "x", "long": 2**40, "int": 7, "double": 0.1, "array<long>": [2, 0], "array<double>": [0.5, 0.25]}


def publish(store: OnlineStore, salt: str = "", content: str = "0" * 16, **changed: Any) -> Generation:
    """Put one generation online; `salt` starts every item's id."""
    expires = changed.pop("expires_at", END + timedelta(days=7))
    day = changed.pop("run_date", RUN_DATE)
    end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
    offered = Generation(day, content, end, expires, StatusMark(day, "status"))
    store.replace(decide(store.served(), offered).served, views(offered, salt, **changed))
    return offered


def views(of: Generation, salt: str = "", without: tuple[str, ...] = (), users: tuple[str, ...] = HOSTILE) -> list[EncodedView]:
    """All views; `without` names those that have no row."""
    own = ("ann", *(user for user in users if user))
    rows: dict[str, dict[str, dict[str, Any]]] = {
        "user_serving": {
            **{user: {"segment": "active", "status": "active"} for user in own},
            "dora": {"segment": "dormant", "status": "active"},
            "otto": {"segment": "active", "status": "opted_out"},
        },
        "churn": {user: {"probability": 0.25, "model": "churn-1"} for user in own},
    }
    for name in ONLINE_VIEWS:
        kind, _, surface = name.partition("_")
        keys = {
            "recs": own,
            "segment": ("active", "dormant"),
            "context": ("GB|web|*", "GB|*|*"),
            "everybody": ("everybody",),
            "items": ("i1", "a/b"),
        }.get(kind)
        if keys and name not in rows:
            rows[name] = {key: list_row(salt, name, key) for key in keys}
        elif name not in rows:
            rows[name] = {user: {} for user in own}
    return [encode(name, {} if name in without else found, of) for name, found in rows.items()]


def list_row(salt: str, view: str, key: str) -> dict[str, Any]:
    """Three items that say where they stand."""
    items = [f"{salt}{view}:{key[:8]}:{place}" for place in range(3)]
    return {
        "items": items,
        "scores": [3.0, 2.0, 1.5],
        "reasons": ["because_you_had", "like_your_taste", "popular"],
        "anchors": ["i1", "", ""],
        "sources": ["als", "als", "popular"],
        "model": "ranker-1",
    }


def encode(name: str, rows: dict[str, dict[str, Any]], of: Generation) -> EncodedView:
    """Rows of one view by key; what is not given has a value of its type."""
    view = ONLINE_VIEWS[name]
    defaults = {column.name: _DEFAULTS.get(column.type, ["x"]) for column in view.features}
    full = [{view.key: key, **defaults, **row} for key, row in rows.items()]
    frame = pd.DataFrame(full, columns=[view.key, *defaults])
    stamped = frame.assign(event_timestamp=pd.Timestamp(of.event_time).as_unit("us"))
    return encode_view(view, stamped[list(view.table.column_names)], of)
