"""What callers send, checked: every mistake is one sentence and a status."""

from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson

from nightjar_client.http.settings import MAX_BATCH, MAX_EXCLUDE, MAX_ID_BYTES, MAX_K


class BadRequestError(Exception):
    """What is wrong with a request.

    Parameters
    ----------
    detail
        One sentence for the caller.
    status
        HTTP status, of 4xx.
    """

    def __init__(self, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.status = status


def decoded_id(part: bytes) -> str:
    """An id of a path, after the path has been split: an id may hold `%2F`."""
    try:
        return checked_id(unquote_to_bytes(part).decode())
    except UnicodeDecodeError:
        raise BadRequestError("the id in the path is not UTF-8") from None


def checked_id(text: Any) -> str:
    """An id of a request."""
    if not isinstance(text, str) or not text:
        raise BadRequestError("an id is a text of at least one character")
    if len(text.encode("utf-8", "replace")) > MAX_ID_BYTES:
        raise BadRequestError(f"an id has at most {MAX_ID_BYTES} bytes")
    return text


def query_of(raw: bytes, allowed: set[str]) -> dict[str, Any]:
    """Parameters of a query; `exclude` may be given several times, or with commas."""
    found: dict[str, Any] = {}
    if not raw:
        return found
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_EXCLUDE + 10
        )
    except ValueError:
        raise BadRequestError("the query is not UTF-8, or has too many parameters") from None
    for name, value in pairs:
        if name not in allowed:
            raise BadRequestError(f"there is no parameter {name[:40]!r}; there are {', '.join(sorted(allowed))}")
        if name == "exclude":
            found.setdefault(name, []).extend(filter(None, value.split(",")))
        else:
            found[name] = value
    return found


def arguments_of(given: dict[str, Any], surfaces: tuple[str, ...], default: str) -> dict[str, Any]:
    """surface, k, context and exclude as the client takes them."""
    surface = given.get("surface", default)
    if surface not in surfaces:
        raise BadRequestError(f"surface is one of {', '.join(surfaces)}")
    context = given.get("context")
    if context is not None and (not isinstance(context, str) or len(context) > MAX_ID_BYTES):
        raise BadRequestError("context is a text country|platform|daypart, a missing part is *")
    exclude = given.get("exclude", [])
    if not isinstance(exclude, list) or len(exclude) > MAX_EXCLUDE or not all(isinstance(e, str) for e in exclude):
        raise BadRequestError(f"exclude is at most {MAX_EXCLUDE} item ids")
    return {"surface": surface, "k": _length(given.get("k", 20)), "context": context, "exclude": exclude}


def batch_of(raw: bytes) -> dict[str, Any]:
    """The body of a batch."""
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadRequestError('the body is not JSON; send {"user_ids": ["a", "b"]}') from None
    allowed = {"user_ids", "surface", "k", "context", "exclude"}
    if not isinstance(body, dict) or not set(body) <= allowed:
        raise BadRequestError(f"the body is an object of {', '.join(sorted(allowed))}")
    users = body.get("user_ids")
    if not isinstance(users, list) or not 1 <= len(users) <= MAX_BATCH:
        raise BadRequestError(f"user_ids is a list of 1 to {MAX_BATCH} ids")
    return {**body, "user_ids": [checked_id(user) for user in users]}


def _length(k: Any) -> int:
    if isinstance(k, str) and k.isascii() and k.isdecimal() and len(k) < 6:
        k = int(k)
    if type(k) is not int or not 1 <= k <= MAX_K:
        raise BadRequestError(f"k is a whole number from 1 to {MAX_K}")
    return k
