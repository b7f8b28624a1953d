"""The routes of /v1 as plain ASGI: an answer costs less than a framework's checks of it would.

`app.py` describes the same routes for OpenAPI; a test compares both.
"""

import hmac
import logging
import time
from collections.abc import Awaitable, Callable

from nightjar_client.answers import Recommendations
from nightjar_client.client import Client
from nightjar_client.errors import StoreUnreachableError
from nightjar_client.http import metrics
from nightjar_client.http.answers import batch_body, predictions_body, recommendations_body, tagged, to_json
from nightjar_client.http.requests import BadRequestError, arguments_of, batch_of, decoded_id, query_of
from nightjar_client.http.wire import Message, Receive, Send, body_of, send_json

Asgi = Callable[[Message, Receive, Send], Awaitable[None]]
Answer = tuple[int, bytes, str]

_LOG = logging.getLogger("uvicorn.error")
_LISTS = {"surface", "k", "context", "exclude"}


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

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._rest(scope, receive, send)
            return
        started = time.perf_counter()
        headers = dict(scope["headers"])
        route = "other"
        try:
            route, status, body, tag = await self._answer(scope, headers, receive)
        except BadRequestError as error:
            status, body, tag = error.status, to_json({"detail": str(error)}), ""
        except StoreUnreachableError as error:
            status, body, tag = 503, to_json({"detail": str(error)}), ""
        except Exception:
            _LOG.exception("%s %s failed", scope["method"], route)
            status, body, tag = 500, to_json({"detail": "a mistake of ours; the server's log says more"}), ""
        await send_json(send, headers, status, body, tag)
        metrics.LATENCY.labels(route).observe(time.perf_counter() - started)
        metrics.REQUESTS.labels(route, str(status)).inc()

    async def _answer(
        self, scope: Message, headers: dict[bytes, bytes], receive: Receive
    ) -> tuple[str, int, bytes, str]:
        self._check_key(headers)
        method, parts = scope["method"], scope["raw_path"].partition(b"?")[0].split(b"/")
        query = scope["query_string"]
        if len(parts) == 5:
            _read_by_get(method)
        if len(parts) == 5 and parts[2] == b"users" and parts[4] == b"recommendations":
            return "recommendations", *self._recommendations(decoded_id(parts[3]), query)
        if len(parts) == 5 and parts[2] == b"users" and parts[4] == b"predictions":
            return "predictions", *self._predictions(decoded_id(parts[3]), query)
        if len(parts) == 5 and parts[2] == b"items" and parts[4] == b"similar":
            return "similar", *self._similar(decoded_id(parts[3]), query)
        if len(parts) == 3 and parts[2] == b"recommendations:batch":
            if method != "POST":
                raise BadRequestError("a batch is sent by POST", 405)
            return "batch", *self._batch(await body_of(receive))
        raise BadRequestError("there is no such path; /docs lists them. In an id write / as %2F", 404)

    def _recommendations(self, user: str, query: bytes) -> Answer:
        given = arguments_of(query_of(query, _LISTS), self._client.surfaces, "for_you")
        answer = self._client.recommendations(user, **given)
        _count(answer)
        return 200, *tagged(recommendations_body(answer), answer.generation, answer.age_seconds)

    def _predictions(self, user: str, query: bytes) -> Answer:
        query_of(query, set())
        answer = self._client.predictions(user)
        age = next((view.stamps.age_seconds for view in answer.views.values()), None)
        return 200, *tagged(predictions_body(answer), answer.generation, age)

    def _similar(self, item: str, query: bytes) -> Answer:
        given = arguments_of(query_of(query, _LISTS - {"context"}), self._client.item_surfaces, "similar")
        answer = self._client.similar(item, given["surface"], given["k"], given["exclude"])
        _count(answer)
        return 200, *tagged(recommendations_body(answer, "item_id"), answer.generation, answer.age_seconds)

    def _batch(self, raw: bytes) -> Answer:
        body = batch_of(raw)
        given = arguments_of(body, self._client.surfaces, "for_you")
        answers = self._client.recommendations_batch(body["user_ids"], **given)
        for answer in answers:
            _count(answer)
        return 200, to_json(batch_body(answers)), ""

    def _check_key(self, headers: dict[bytes, bytes]) -> None:
        if not self._api_key:
            return
        given = headers.get(b"x-api-key") or headers.get(b"authorization", b"").removeprefix(b"Bearer ")
        if not hmac.compare_digest(given, self._api_key):
            raise BadRequestError("send the API key as X-API-Key or as a bearer token", 401)


def _read_by_get(method: str) -> None:
    if method not in ("GET", "HEAD"):
        raise BadRequestError("this path is read by GET", 405)


def _count(answer: Recommendations) -> None:
    metrics.RUNGS.labels(answer.surface, answer.rung).inc()
    if answer.age_seconds is not None:
        metrics.AGE.set(answer.age_seconds)
        if answer.is_stale:
            metrics.STALE.inc()
