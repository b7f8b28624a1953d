"""Answers as JSON, with an entity tag that changes when anything but the age does.

Bodies carry no age; `tagged` and `batch_body` add it.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import orjson

from nightjar_client.answers import Predictions, Recommendations, Screen, Stamps, View

Body = dict[str, Any]


def recommendations_body(answer: Recommendations, key: str = "user_id") -> Body:
    """One list; `key` names whose."""
    return {key: _text(answer.key), "surface": answer.surface, **_list(answer)}


def predictions_body(answer: Predictions) -> Body:
    """All predictions of a user."""
    return {
        "user_id": _text(answer.user_id),
        "status": answer.status,
        "generation": answer.generation,
        "predictions": _views(answer.views),
        "expired": answer.expired,
    }


def screen_body(answer: Screen) -> Body:
    """All of a user; each list with its own stamps."""
    return {
        "user_id": _text(answer.user_id),
        "status": answer.status,
        "generation": answer.generation,
        "lists": {surface: _list(found) for surface, found in answer.lists.items()},
        "predictions": _views(answer.predictions),
        "features": _views(answer.features),
        "expired": answer.expired,
    }


def batch_body(answers: Sequence[Recommendations]) -> Body:
    """Lists of many users, each with its age."""
    lists = [{**recommendations_body(answer), "age_seconds": answer.age_seconds} for answer in answers]
    return {"recommendations": lists}


def to_json(body: Any) -> bytes:
    """JSON; times in UTC."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)


def tagged(body: Body, generation: str, age: int | None) -> tuple[bytes, str]:
    """JSON of a body with its age at the end, and its entity tag.

    The tag is the generation and a hash of the content: an opt-out or a delisting changes rows within a
    generation. It is weak, since the age is left out of it. Serialized once for both.
    """
    content = to_json(body)
    digest = blake2b(content, digest_size=8).hexdigest()
    tail = b"null" if age is None else str(age).encode()
    return content[:-1] + b',"age_seconds":' + tail + b"}", f'W/"{generation or "none"}.{digest}"'


def _list(answer: Recommendations) -> Body:
    return {
        "rung": answer.rung,
        "items": answer.items,
        "scores": answer.scores,
        "reasons": answer.reasons,
        "anchors": answer.anchors,
        "expired": answer.expired,
        **_stamps(answer.stamps),
    }


def _views(views: Mapping[str, View]) -> Body:
    return {name: {**view.columns, **_stamps(view.stamps)} for name, view in views.items()}


def _stamps(stamps: Stamps) -> Body:
    return {
        "model": stamps.model,
        "generation": stamps.generation,
        "run_date": stamps.run_date,
        "expires_at": stamps.expires_at,
        "is_stale": stamps.is_stale,
    }


def _text(key: str) -> str:
    """JSON has no lone surrogates."""
    return key.encode("utf-8", "replace").decode()
