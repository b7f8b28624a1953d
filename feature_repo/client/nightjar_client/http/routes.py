"""The routes of /v1 as plain ASGI: an answer costs less than a framework's checks of it would.

`app.py` describes the same routes for OpenAPI; a test compares both.
"""

import hmac
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

from nightjar_client.answers import Recommendations
from nightjar_client.client import Client
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.http import metrics
from nightjar_client.http.answers import (
    batch_body,
    predictions_body,
    recommendations_body,
    screen_body,
    tagged,
    to_json,
)
from nightjar_client.http.requests import (
    BadRequestError,
    arguments_of,
    batch_of,
    decoded_id,
    query_of,
    screen_arguments_of,
)
from nightjar_client.http.wire import Message, Receive, Send, body_of, send_json

Asgi = Callable[[Message, Receive, Send], Awaitable[None]]
Answer = tuple[bytes, str]
"""A body and its tag."""

_LOG = logging.getLogger("uvicorn.error")
_LISTS = frozenset({"surface", "k", "context", "exclude", "exclude_item"})
_SCREEN = _LISTS - {"surface"} | {"surfaces"}
_BEARER = b"bearer "
_PATHS = {
    (b"users", b"recommendations"): "recommendations",
    (b"users", b"predictions"): "predictions",
    (b"users", b"screen"): "screen",
    (b"items", b"similar"): "similar",
}
"""Names of routes, ``/v1/<first>/{id}/<second>``."""


class Routes:
    """Answers /v1 itself and hands all else on.

    Parameters
    ----------
    client
        Of this process.
    api_key
        Asked for under /v1, unless empty.
    rest
        Answers what is not under /v1.
    """

    def __init__(self, client: Client, api_key: str, rest: Asgi) -> None:
        self._client = client
        self._api_key = api_key.encode()
        self._rest = rest
        self._readers: dict[str, Callable[[str, bytes], Answer]] = {
            "recommendations": self._recommendations,
            "predictions": self._predictions,
            "screen": self._screen,
            "similar": self._similar,
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._rest(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        parts = scope["raw_path"].partition(b"?")[0].split(b"/")
        route, status = _route_of(parts), 200
        more: Sequence[tuple[bytes, bytes]] = ()
        try:
            body, tag = await self._answer(route, parts, scope, headers, receive)
        except BadRequestError as error:
            status, body, tag, more = error.status, to_json({"detail": str(error)}), "", error.headers
        except StoreUnreachableError as error:
            status, body, tag = 503, to_json({"detail": str(error)}), ""
        except Exception:
            _LOG.exception("%s %s failed", scope["method"], route)
            status, body, tag = 500, to_json({"detail": "a mistake of ours; the server's log says more"}), ""
        await send_json(send, headers, status, body, tag, more)
        metrics.LATENCY.labels(route).observe(time.perf_counter() - started)
        metrics.REQUESTS.labels(route, str(status)).inc()

    async def _answer(
        self, route: str, parts: list[bytes], scope: Message, headers: dict[bytes, bytes], receive: Receive
    ) -> Answer:
        self._check_key(headers)
        if route == "other":
            raise BadRequestError("there is no such path; /docs lists them. In an id write / as %2F", 404)
        if route == "batch":
            if scope["method"] != "POST":
                raise BadRequestError("a batch is sent by POST", 405, [(b"allow", b"POST")])
            return self._batch(await body_of(receive))
        if scope["method"] not in ("GET", "HEAD"):
            raise BadRequestError("this path is read by GET", 405, [(b"allow", b"GET, HEAD")])
        return self._readers[route](decoded_id(parts[3]), scope["query_string"])

    def _recommendations(self, user: str, query: bytes) -> Answer:
        given = arguments_of(query_of(query, _LISTS), self._client.surfaces, "for_you")
        answer = self._client.recommendations(user, **given)
        _count(answer)
        return tagged(recommendations_body(answer), answer.generation, answer.age_seconds)

    def _predictions(self, user: str, query: bytes) -> Answer:
        query_of(query, ())
        answer = self._client.predictions(user)
        age = next((view.stamps.age_seconds for view in answer.views.values()), None)
        return tagged(predictions_body(answer), answer.generation, age)

    def _screen(self, user: str, query: bytes) -> Answer:
        answer = self._client.screen(user, **screen_arguments_of(query_of(query, _SCREEN), self._client.surfaces))
        for found in answer.lists.values():
            _count(found)
        return tagged(screen_body(answer), answer.generation, answer.stamps.age_seconds)

    def _similar(self, item: str, query: bytes) -> Answer:
        given = arguments_of(query_of(query, _LISTS - {"context"}), self._client.item_surfaces, "similar")
        answer = self._client.similar(item, given["surface"], given["k"], given["exclude"])
        _count(answer)
        return tagged(recommendations_body(answer, "item_id"), answer.generation, answer.age_seconds)

    def _batch(self, raw: bytes) -> Answer:
        body = batch_of(raw)
        given = arguments_of(body, self._client.surfaces, "for_you")
        answers = self._client.recommendations_batch(body["user_ids"], **given)
        for answer in answers:
            _count(answer)
        return to_json(batch_body(answers)), ""

    def _check_key(self, headers: dict[bytes, bytes]) -> None:
        if not self._api_key:
            return
        given = headers.get(b"x-api-key") or _bearer(headers.get(b"authorization", b""))
        if not hmac.compare_digest(given, self._api_key):
            told = "send the API key as X-API-Key or as a bearer token"
            raise BadRequestError(told, 401, [(b"www-authenticate", b"Bearer")])


def _route_of(parts: list[bytes]) -> str:
    """Name of the route of a path, by its parts; `other` is none."""
    if len(parts) == 5:
        return _PATHS.get((parts[2], parts[4]), "other")
    return "batch" if len(parts) == 3 and parts[2] == b"recommendations:batch" else "other"


def _bearer(authorization: bytes) -> bytes:
    """The token; the scheme's name is written as one likes."""
    is_bearer = authorization[: len(_BEARER)].lower() == _BEARER
    return authorization[len(_BEARER) :].strip() if is_bearer else b""


def _count(answer: Recommendations) -> None:
    metrics.RUNGS.labels(answer.surface, answer.rung).inc()
    if answer.age_seconds is not None and answer.is_stale:
        metrics.STALE.inc()
