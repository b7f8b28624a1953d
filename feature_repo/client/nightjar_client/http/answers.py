"""Answers as JSON, with an entity tag that changes when anything but the age does."""

from hashlib import blake2b
from typing import Any

import orjson

from nightjar_client.answers import Predictions, Recommendations, Stamps

Body = dict[str, Any]


def recommendations_body(answer: Recommendations, key: str = "user_id") -> Body:
    """One list; `key` names whose."""
    return {
        key: _text(answer.key),
        "surface": answer.surface,
        "rung": answer.rung,
        "items": answer.items,
        "scores": answer.scores,
        "reasons": answer.reasons,
        "anchors": answer.anchors,
        "expired": answer.expired,
        **_stamps(answer.stamps),
    }


def predictions_body(answer: Predictions) -> Body:
    """All predictions of a user."""
    return {
        "user_id": _text(answer.user_id),
        "status": answer.status,
        "generation": answer.generation,
        "predictions": {name: {**view.columns, **_stamps(view.stamps)} for name, view in answer.views.items()},
        "expired": answer.expired,
    }


def to_json(body: Any) -> bytes:
    """JSON; times in UTC."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def entity_tag(body: Body, generation: str) -> str:
    """The generation and a hash of the content: an opt-out or a delisting changes rows within a generation.

    Weak, since the age in seconds is left out.
    """
    aged = body.pop("age_seconds", None)
    content = blake2b(to_json(body), digest_size=8).hexdigest()
    if aged is not None:
        body["age_seconds"] = aged
    return f'W/"{generation or "none"}.{content}"'


def _stamps(stamps: Stamps) -> Body:
    return {
        "model": stamps.model,
        "generation": stamps.generation,
        "run_date": stamps.run_date,
        "expires_at": stamps.expires_at,
        "is_stale": stamps.is_stale,
        "age_seconds": stamps.age_seconds,
    }


def _text(key: str) -> str:
    """JSON has no lone surrogates."""
    return key.encode("utf-8", "replace").decode()
