"""Shapes of answers for OpenAPI, with examples."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic.config import JsonDict

_STAMPS: JsonDict = {
    "model": "ranker-2025-03-01-1f0c2d3e",
    "generation": "2025-03-01-9a8b7c6d",
    "run_date": "2025-03-01",
    "expires_at": "2025-03-09T00:00:00Z",
    "is_stale": False,
}
_SHOWN: JsonDict = {
    "rung": "user",
    "items": ["i00915", "i00042"],
    "scores": [0.91, 0.72],
    "reasons": ["because_you_had", "popular"],
    "anchors": ["i00017", ""],
    "expired": False,
}
_LIST: JsonDict = {"surface": "for_you", **_SHOWN, **_STAMPS, "age_seconds": 21600}
_CHURN: JsonDict = {
    "probability": 0.12,
    "reasons": ["no visit for 3 days; used to come every 4 days"],
    "action": "",
    "is_prior": False,
    **_STAMPS,
}
_PREDICTIONS: JsonDict = {
    "user_id": "u00753",
    "status": "active",
    "generation": "2025-03-01-9a8b7c6d",
    "predictions": {"churn": _CHURN},
    "expired": False,
    "age_seconds": 21600,
}
_SCREEN: JsonDict = {
    **_PREDICTIONS,
    "lists": {"for_you": {**_SHOWN, **_STAMPS}},
    "features": {"user_activity": {"n_events_28d": 14, **_STAMPS, "model": ""}},
}
BATCH_EXAMPLE: JsonDict = {"user_ids": ["u00753", "nobody"], "surface": "for_you", "k": 10, "context": "GB|web|*"}


class Problem(BaseModel):
    """What went wrong, in one sentence."""

    detail: str


class ListOfSurface(BaseModel):
    """One list; see docs/reading-from-an-app.md for the rungs and reasons."""

    rung: str
    items: list[str]
    scores: list[float]
    reasons: list[str]
    anchors: list[str]
    expired: bool
    model: str
    generation: str
    run_date: str
    expires_at: datetime | None
    is_stale: bool


class ListAnswer(ListOfSurface):
    """One list, and which."""

    surface: str
    age_seconds: int | None


class UserList(ListAnswer):
    """A list of a user."""

    user_id: str
    model_config = {"json_schema_extra": {"examples": [{"user_id": "u00753", **_LIST}]}}


class ItemList(ListAnswer):
    """A list of an item."""

    item_id: str
    model_config = {
        "json_schema_extra": {"examples": [{"item_id": "i00042", **_LIST, "surface": "similar", "rung": "item"}]}
    }


class PredictionsAnswer(BaseModel):
    """Predictions by view: its columns and stamps."""

    user_id: str
    status: str | None
    generation: str
    predictions: dict[str, dict[str, Any]]
    expired: bool
    age_seconds: int | None
    model_config = {"json_schema_extra": {"examples": [_PREDICTIONS]}}


class ScreenAnswer(PredictionsAnswer):
    """All of a user at one moment: lists by surface, predictions and features by view."""

    lists: dict[str, ListOfSurface]
    features: dict[str, dict[str, Any]]
    model_config = {"json_schema_extra": {"examples": [_SCREEN]}}
