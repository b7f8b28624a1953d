"""Reads Feast's Redis store: all views of one entity are one hash, read by one HMGET."""

import functools
import json
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from nightjar_client.errors import StoreUnreachableError
from nightjar_client.keys import entity_key, redis_field
from nightjar_client.reading import Ask, Rows, no_moment
from nightjar_client.views import OnlineView

_TIMEOUT_SECONDS = 1.0  # an app's page does not wait longer for a store that hangs; the cached list answers
_PAUSE_SECONDS = 1.0  # after a hang nobody waits again so soon, or all requests of a server would queue up


class RedisReader:
    """See `Reader`.

    Parameters
    ----------
    address
        As Feast takes it: ``host:port`` and then, by commas, ``db=0``, ``password=...``, ``ssl=true``.
    project
        Feast project, the end of every key.
    """

    def __init__(self, address: str, project: str) -> None:
        from redis import Redis

        self._address = address.partition(",")[0]
        self._project = project.encode()
        self._client = Redis(**_connection(address))
        self._fields = functools.lru_cache(maxsize=None)(_fields)
        self._silent_until = 0.0

    def moment(self) -> AbstractContextManager[None]:
        """See `Reader`; one command reads one entity, which is what changes together."""
        return no_moment()

    def read(self, asks: Sequence[Ask]) -> list[Rows]:
        """See `Reader`; one round trip."""
        from redis.exceptions import RedisError, TimeoutError

        if time.monotonic() < self._silent_until:
            raise StoreUnreachableError(f"online store {self._address} has just not answered in time")
        try:
            values = self._values(asks)
        except RedisError as error:
            if isinstance(error, TimeoutError):
                self._silent_until = time.monotonic() + _PAUSE_SECONDS
            raise StoreUnreachableError(f"online store {self._address} cannot be read: {error}") from error
        return [_rows(views, found) for (_, views), found in zip(asks, values, strict=True)]

    def close(self) -> None:
        """See `Reader`."""
        self._client.close()

    def _values(self, asks: Sequence[Ask]) -> list[Any]:
        if len(asks) == 1:
            return [self._ask(self._client, asks[0])]
        pipe = self._client.pipeline(transaction=False)
        for ask in asks:
            self._ask(pipe, ask)
        return list(pipe.execute()) if asks else []

    def _ask(self, client: Any, ask: Ask) -> Any:
        value, views = ask
        key = entity_key(views[0].join_key, value) + self._project
        return client.hmget(key, self._fields(tuple(views)))


def _fields(views: tuple[OnlineView, ...]) -> list[bytes]:
    return [redis_field(view.name, column) for view in views for column in view.columns]


def _rows(views: Sequence[OnlineView], values: Sequence[bytes | None]) -> Rows:
    rows: Rows = {}
    at = 0
    for view in views:
        stored = values[at : at + len(view.columns)]
        at += len(view.columns)
        row = {name: value for name, value in zip(view.columns, stored, strict=True) if value is not None}
        if row:
            rows[view.name] = row
    return rows


def _connection(address: str) -> dict[str, Any]:
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError
    from redis.retry import Retry

    first, *options = address.split(",")
    host, _, port = first.partition(":")
    pairs = (option.partition("=") for option in options)
    waits = {"socket_timeout": _TIMEOUT_SECONDS, "socket_connect_timeout": _TIMEOUT_SECONDS}
    # Once more, since a server that was started again leaves dead connections in the pool; not after a hang.
    again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return {
        **waits,
        "retry": again,
        "host": host,
        "port": int(port or 6379),
        **{name: _plain(value) for name, _, value in pairs},
    }


def _plain(value: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value
