"""The online store in Redis: all views of an entity share one hash, which changes at one moment.

What is served stands in the hash ``nightjar:<project>:served``. A process that dies in between leaves
some hashes of the new generation; the next publish writes them all again.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from jobs.adapters.online.contract import Served
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.stores import Row
from jobs.core.errors import OnlineStoreError
from jobs.features.online import ONLINE_VIEWS, online_columns, views_withdrawn
from jobs.features.serving import LIST_VIEWS, USER_SERVING, ListView
from jobs.features.spec import ENTITY_KEY, FeatureView

# The layout imports Feast (5 s), which `served` does not need.
if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedView

_BATCH = 200  # hashes of one transaction: a few milliseconds in which Redis answers nobody else


class RedisStore:
    """See `OnlineStore`.

    Parameters
    ----------
    address
        As Feast takes it: ``host:port`` and then, by commas, ``db=0``, ``password=...``, ``ssl=true``.
    project
        Feast project; other projects in the same Redis are left alone.
    """

    def __init__(self, address: str, project: str) -> None:
        self._address = address
        self._project = project
        self._served_key = f"nightjar:{project}:served"

    def served(self) -> Served | None:
        """See `OnlineStore`."""
        with self._clear_errors():
            fields = self._client.hgetall(self._served_key)
        if not fields:
            return None
        return Served.model_validate({name.decode(): value.decode() for name, value in fields.items()})

    def replace(self, served: Served, views: Iterable["EncodedView"]) -> None:
        """See `OnlineStore`; one entity at a time, with all its views."""
        from jobs.adapters.online.redis_layout import hashes

        wanted: dict[bytes, dict[bytes, bytes]] = {}
        for encoded in views:
            for key, fields in hashes(encoded, self._project):
                wanted.setdefault(key, {}).update(fields)
        with self._clear_errors():
            self._write(wanted, served.expires_at)
            self._remove([key for key in self._keys() if key not in wanted])
            self._write_served(served)

    def withdraw(self, statuses: Mapping[str, str], delisted: Collection[str], mark: StatusMark) -> int:
        """See `OnlineStore`; one user, and one key with a list, at a time."""
        served = self.served()
        if served is None:
            return 0
        with self._clear_errors():
            changes = sum(self._withdraw_user(user, status) for user, status in statuses.items())
            changes += sum(self._withdraw_items(listed, delisted) for listed in LIST_VIEWS) if delisted else 0
            self._write_served(served.after_withdrawal(mark, changed=changes > 0))
        return changes

    def rows(self, view: str) -> Iterator[Row]:
        """See `OnlineStore`."""
        spec = ONLINE_VIEWS[view]
        names = sorted(column.name for column in online_columns(spec))
        with self._clear_errors():
            for batch in _batches(sorted(self._keys(spec.key))):
                yield from self._rows_of(view, names, batch)

    def _rows_of(self, view: str, names: Sequence[str], keys: Sequence[bytes]) -> Iterator[Row]:
        from jobs.adapters.online.redis_layout import field

        pipe = self._client.pipeline(transaction=False)
        for key in keys:
            pipe.hmget(key, [field(view, name) for name in names])
        for key, values in zip(keys, pipe.execute(), strict=True):
            entity_key = key.removesuffix(self._project.encode())
            yield from (
                (entity_key, name, value) for name, value in zip(names, values, strict=True) if value is not None
            )

    def _write(self, wanted: Mapping[bytes, Mapping[bytes, bytes]], expires_at: datetime) -> None:
        # Rows that have expired before they are written (an old log, tried out) stay, as they do in SQLite.
        expires = int(expires_at.timestamp())
        lasting = expires > self._client.time()[0]
        for batch in _batches(list(wanted)):
            pipe = self._client.pipeline(transaction=True)
            for key in batch:
                pipe.delete(key)
                pipe.hset(key, mapping=dict(wanted[key]))
                if lasting:
                    pipe.expireat(key, expires)
            pipe.execute()

    def _withdraw_user(self, user: str, status: str) -> int:
        from jobs.adapters.online.encode import encode_values
        from jobs.adapters.online.redis_layout import field, fields_of, hash_key

        key = hash_key(self._project, USER_SERVING.key, user)
        status_field = field(USER_SERVING.name, "status")
        [(value, _)] = encode_values([status], "string")
        stored = self._client.hget(key, status_field)
        gone = [name for view in views_withdrawn(status) for name in fields_of(ONLINE_VIEWS[view])]
        restated = stored is not None and stored != value
        pipe = self._client.pipeline(transaction=True)
        if gone:
            pipe.hdel(key, *gone)
        if restated:
            pipe.hset(key, status_field, value)
        results = pipe.execute()
        return int(results[0] if gone else 0) + int(restated)

    def _withdraw_items(self, listed: ListView, delisted: Collection[str]) -> int:
        from jobs.adapters.online.delisting import ITEMS, names_any
        from jobs.adapters.online.redis_layout import field

        items, changes = field(listed.view.name, ITEMS), 0
        for batch in _batches(sorted(self._keys(listed.view.key))):
            pipe = self._client.pipeline(transaction=False)
            for key in batch:
                pipe.hget(key, items)
            for key, stored in zip(batch, pipe.execute(), strict=True):
                if stored is not None and names_any(stored, delisted):
                    self._shorten(listed.view, key, delisted)
                    changes += 1
        return changes

    def _shorten(self, view: FeatureView, key: bytes, delisted: Collection[str]) -> None:
        from jobs.adapters.online.delisting import LISTS, shortened
        from jobs.adapters.online.redis_layout import field, fields_of

        names = [column.name for column in LISTS]
        stored = self._client.hmget(key, [field(view.name, name) for name in names])
        left = shortened(dict(zip(names, stored, strict=True)), delisted)
        if left is None:
            self._client.hdel(key, *fields_of(view))
        else:
            self._client.hset(key, mapping={field(view.name, name): value for name, (value, _) in left.items()})

    def _write_served(self, served: Served) -> None:
        pipe = self._client.pipeline(transaction=True)
        pipe.delete(self._served_key)
        pipe.hset(self._served_key, mapping=served.fields)
        pipe.execute()

    def _keys(self, *join_keys: str) -> Iterator[bytes]:
        """Keys of this project's hashes, of some entities or of all."""
        from jobs.adapters.online.redis_layout import entity_key_of, key_prefix

        for join_key in join_keys or ENTITY_KEY.values():
            pattern = _escaped(key_prefix(join_key)) + b"*" + self._project.encode()
            for key in self._client.scan_iter(pattern, count=1000):
                if entity_key_of(key, join_key, self._project) is not None:
                    yield key

    def _remove(self, keys: Sequence[bytes]) -> None:
        for batch in _batches(keys):
            self._client.unlink(*batch)

    @cached_property
    def _client(self) -> Any:
        from redis import Redis

        return Redis(**_connection(self._address))

    @contextmanager
    def _clear_errors(self) -> Iterator[None]:
        from redis.exceptions import RedisError

        try:
            yield
        except RedisError as error:
            raise OnlineStoreError(
                f"online store {self._address.partition(',')[0]}: {error}; check online.redis and that the "
                "server runs, and publish again"
            ) from error


def _connection(address: str) -> dict[str, Any]:
    """Arguments of a Redis client from an address as Feast takes it."""
    first, *options = address.split(",")
    host, _, port = first.partition(":")
    pairs = (option.partition("=") for option in options)
    return {"host": host, "port": int(port or 6379), **{name: _plain(value) for name, _, value in pairs}}


def _plain(value: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError:
        return value


def _escaped(text: bytes) -> bytes:
    """Text in which no byte is a wildcard."""
    return b"".join(b"\\" + bytes([byte]) if byte in b"*?[]\\" else bytes([byte]) for byte in text)


def _batches(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]
