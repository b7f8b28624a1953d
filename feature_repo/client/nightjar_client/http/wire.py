"""Bodies in and out, as ASGI has them."""

import gzip
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from nightjar_client.http.requests import BadRequestError
from nightjar_client.http.settings import MAX_BODY_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_GZIP_FROM = 1400  # bytes; below it an answer is one packet anyway


async def body_of(receive: Receive) -> bytes:
    """All that was sent, up to the limit."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise BadRequestError(f"a body has at most {MAX_BODY_BYTES} bytes", 413)
    return body


async def send_json(
    send: Send,
    asked: dict[bytes, bytes],
    status: int,
    body: bytes,
    tag: str,
    more: Sequence[tuple[bytes, bytes]] = (),
) -> None:
    """Send JSON; compressed, or only its tag, where the caller takes that."""
    headers = [(b"content-type", b"application/json"), (b"vary", b"accept-encoding"), *more]
    if tag:
        headers += [(b"etag", tag.encode()), (b"cache-control", b"private, no-cache")]
        if _is_known(tag.encode(), asked.get(b"if-none-match", b"")):
            status, body = 304, b""
    if len(body) >= _GZIP_FROM and _takes_gzip(asked.get(b"accept-encoding", b"")):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers.append((b"content-encoding", b"gzip"))
    if status != 304:
        headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _is_known(tag: bytes, known: bytes) -> bool:
    """Whether a caller's `If-None-Match` names the tag, strong or weak, or any."""
    parts = [part.strip() for part in known.split(b",")] if known else []
    return b"*" in parts or tag.removeprefix(b"W/") in (part.removeprefix(b"W/") for part in parts)


def _takes_gzip(accepted: bytes) -> bool:
    """Whether an `Accept-Encoding` takes gzip: named, and not with the weight 0."""
    if not accepted:
        return False
    for part in accepted.lower().split(b","):
        name, _, weight = part.replace(b" ", b"").partition(b";q=")
        if name in (b"gzip", b"x-gzip"):
            return weight.strip(b"0.") != b"" or not weight
    return False
