"""What callers send, checked: every mistake is one sentence and a status."""

from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

import orjson

from nightjar_client.http.settings import MAX_BATCH, MAX_EXCLUDE, MAX_ID_BYTES, MAX_K

_MANY = ("exclude", "surfaces")


class BadRequestError(Exception):
    """What is wrong with a request.

    Parameters
    ----------
    detail
        One sentence for the caller.
    status
        HTTP status, of 4xx.
    headers
        Sent with it.
    """

    def __init__(self, detail: str, status: int = 400, headers: Sequence[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers


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


def query_of(raw: bytes, allowed: Collection[str]) -> dict[str, Any]:
    """Parameters of a query.

    Parameters
    ----------
    raw
        As it came.
    allowed
        Names of parameters. Those of `_MANY` may be given several times, or with commas; `exclude_item` several
        times, each an id as it is, which may hold a comma: they are `exclude` too.

    Raises
    ------
    BadRequestError
        If there is another parameter, or one twice.
    """
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
            told = f"there are {', '.join(sorted(allowed))}" if allowed else "this path takes none"
            raise BadRequestError(f"there is no parameter {name[:40]!r}; {told}")
        if name in _MANY:
            found.setdefault(name, []).extend(filter(None, value.split(",")))
        elif name == "exclude_item":
            found.setdefault("exclude", []).append(value)
        elif name in found:
            raise BadRequestError(f"{name} is given twice")
        else:
            found[name] = _number(value) if name == "k" else value
    return found


def arguments_of(given: dict[str, Any], surfaces: tuple[str, ...], default: str) -> dict[str, Any]:
    """surface, k, context and exclude as the client takes them."""
    surface = given.get("surface", default)
    if surface not in surfaces:
        raise BadRequestError(f"surface is one of {', '.join(surfaces)}")
    return {"surface": surface, **_limits_of(given)}


def screen_arguments_of(given: dict[str, Any], surfaces: tuple[str, ...]) -> dict[str, Any]:
    """surfaces, k, context and exclude as the client takes them."""
    asked = given.get("surfaces", surfaces)
    if not set(asked) <= set(surfaces):
        raise BadRequestError(f"surfaces are of {', '.join(surfaces)}")
    return {"surfaces": asked, **_limits_of(given)}


def _limits_of(given: dict[str, Any]) -> dict[str, Any]:
    context = given.get("context")
    if context is not None and (not isinstance(context, str) or len(context) > MAX_ID_BYTES):
        raise BadRequestError("context is a text country|platform|daypart, a missing part is *")
    exclude = given.get("exclude", [])
    if not isinstance(exclude, list) or len(exclude) > MAX_EXCLUDE or not all(isinstance(e, str) for e in exclude):
        raise BadRequestError(f"exclude is at most {MAX_EXCLUDE} item ids")
    return {"k": _length(given.get("k", 20)), "context": context, "exclude": exclude}


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


def _number(text: str) -> int | str:
    """A whole number of a query; anything else stays text, and is no length."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text


def _length(k: Any) -> int:
    if type(k) is not int or not 1 <= k <= MAX_K:
        raise BadRequestError(f"k is a whole number from 1 to {MAX_K}")
    return k
