"""The online store in Redis: all views of an entity share one hash, which changes at one moment.

What is served stands in the hash ``nightjar:<project>:served``. A process that dies in between leaves some hashes of
the new generation and says so in ``nightjar:<project>:unfinished``; the next publish writes them all again. A
withdrawal that dies has said so in what is served; the next one, or the next publish, finishes it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import Any

from jobs.adapters.online.contract import Served, Unfinished
from jobs.adapters.online.counts import Counts, Told, tell_nobody
from jobs.adapters.online.generation import StatusMark
from jobs.adapters.online.pieces import pieces
from jobs.adapters.online.redis_target import RedisTarget, open_client
from jobs.adapters.online.redis_writer import BATCH, attempt_key, overtaken
from jobs.adapters.online.stores import Row, Slices
from jobs.core.errors import OnlineStoreError
from jobs.features.online import GENERATION, ONLINE_VIEWS, online_columns, views_withdrawn
from jobs.features.serving import LIST_VIEWS, USER_SERVING, ListView
from jobs.features.spec import ENTITY_KEY, FeatureView


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
        self._attempt_key = attempt_key(project)
        self._unfinished_key = f"nightjar:{project}:unfinished"

    def served(self) -> Served | None:
        """See `OnlineStore`."""
        with self._clear_errors():
            fields = self._client.hgetall(self._served_key)
        if not fields:
            return None
        return Served.model_validate(_texts(fields))

    def replace(self, served: Served, slices: Slices, told: Told = tell_nobody) -> Counts:
        """See `OnlineStore`; one entity at a time, with all its views."""
        return self.replace_by(served, lambda target: target.write(slices, told))

    def replace_by(self, served: Served, write: Callable[[RedisTarget], Counts]) -> Counts:
        """The same by somebody who writes all rows by way of a target, here or in other processes."""
        with self._clear_errors():
            target = self._begin(served)
            counts = write(target)
            counts.removed += self._remove_others(target.attempt)
            self._write_served(served, of=target.attempt)
        return counts

    def unfinished(self) -> Unfinished | None:
        """See `OnlineStore`."""
        with self._clear_errors():
            fields = self._client.hgetall(self._unfinished_key)
        return Unfinished.model_validate(_texts(fields)) if fields else None

    def withdraw(self, statuses: Mapping[str, str], delisted: Collection[str], mark: StatusMark) -> int:
        """See `OnlineStore`; one user, and one key with a list, at a time."""
        served = self.served()
        if served is None:
            return 0
        with self._clear_errors():
            self._begin_withdrawal(served)
            changes = sum(self._withdraw_user(user, status) for user, status in statuses.items())
            changes += sum(self._withdraw_items(listed, delisted) for listed in LIST_VIEWS) if delisted else 0
            self._write_served(served.after_withdrawal(mark, changed=changes > 0))
        return changes

    def expire(self, now: datetime) -> int:
        """See `OnlineStore`; only hashes that had expired when they were written are still there."""
        served = self.served()
        if served is None or served.expires_at > now:
            return 0
        with self._clear_errors():
            removed = self._remove_others(int(self._client.incr(self._attempt_key)))
            self._write_served(served.emptied())
        return removed

    def count(self, view: str) -> int:
        """See `OnlineStore`."""
        return sum(feature == GENERATION.name for _, feature, _ in self.rows(view))

    def rows(self, view: str) -> Iterator[Row]:
        """See `OnlineStore`."""
        spec = ONLINE_VIEWS[view]
        names = sorted(column.name for column in online_columns(spec))
        with self._clear_errors():
            for batch in pieces(sorted(self._keys(spec.key)), BATCH):
                yield from self._rows_of(view, names, batch)

    def _rows_of(self, view: str, names: Sequence[str], keys: Sequence[bytes]) -> Iterator[Row]:
        from jobs.adapters.online.redis_layout import field

        rows = self._ask_each(keys, *(field(view, name) for name in names))
        for key, values in zip(keys, rows, strict=True):
            entity_key = key.removesuffix(self._project.encode())
            yield from (
                (entity_key, name, value) for name, value in zip(names, values, strict=True) if value is not None
            )

    def _begin(self, served: Served) -> RedisTarget:
        """Say what is about to be written, and take the next number of an attempt."""
        # Rows that have expired before they are written (an old log, tried out) stay, as they do in SQLite.
        lasting = served.expires_at.timestamp() > self._client.time()[0]
        pipe = self._client.pipeline(transaction=True)
        pipe.delete(self._unfinished_key)
        pipe.hset(self._unfinished_key, mapping=Unfinished.of(served).fields)
        pipe.incr(self._attempt_key)
        attempt = int(pipe.execute()[-1])
        return RedisTarget(self._address, self._project, attempt, served.expires_at if lasting else None)

    def _begin_withdrawal(self, served: Served) -> None:
        """Say that rows change from here on: one that dies leaves them under the number of before."""

        def say(pipe: Any) -> None:
            # Workers of a publish that died may live on, and would write again what goes here.
            pipe.incr(self._attempt_key)
            pipe.hset(self._served_key, mapping=served.half_withdrawn().fields)

        self._change(say, None)

    def _remove_others(self, attempt: int) -> int:
        """Remove what this attempt did not write; returns the rows that stood there."""
        from jobs.adapters.online.redis_layout import ATTEMPT, content_field

        removed, mark = 0, str(attempt).encode()
        for piece in pieces(self._keys(), BATCH):
            batch = list(dict.fromkeys(piece))  # a scan may meet a key twice
            marks = self._ask_each(batch, ATTEMPT)
            gone = [key for key, [found] in zip(batch, marks, strict=True) if found != mark]
            if gone:
                # Asked of these alone: a hash has a field for each of two dozen views.
                contents = self._ask_each(gone, *map(content_field, ONLINE_VIEWS))
                removed += sum(content is not None for row in contents for content in row)
                self._unlink(gone, attempt)
        return removed

    def _ask_each(self, keys: Sequence[bytes], *fields: bytes) -> list[list[bytes | None]]:
        """Values of the fields of each hash."""
        pipe = self._client.pipeline(transaction=False)
        for key in keys:
            pipe.hmget(key, fields)
        answers: list[list[bytes | None]] = pipe.execute()
        return answers

    def _unlink(self, keys: Sequence[bytes], attempt: int) -> None:
        self._change(lambda pipe: pipe.unlink(*keys), attempt)

    def _withdraw_user(self, user: str, status: str) -> int:
        from jobs.adapters.online.encode import encode_values
        from jobs.adapters.online.redis_layout import content_field, field, fields_of, hash_key

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
            pipe.hset(key, content_field(USER_SERVING.name), b"")
        results = pipe.execute()
        return int(results[0] if gone else 0) + int(restated)

    def _withdraw_items(self, listed: ListView, delisted: Collection[str]) -> int:
        from jobs.adapters.online.delisting import ITEMS, names_any
        from jobs.adapters.online.redis_layout import field

        items, changes = field(listed.view.name, ITEMS), 0
        for batch in pieces(sorted(self._keys(listed.view.key)), BATCH):
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
        from jobs.adapters.online.redis_layout import content_field, field, fields_of

        names = [column.name for column in LISTS]
        stored = self._client.hmget(key, [field(view.name, name) for name in names])
        left = shortened(dict(zip(names, stored, strict=True)), delisted)
        if left is None:
            self._client.hdel(key, *fields_of(view))
        else:
            changed = {field(view.name, name): value for name, (value, _) in left.items()}
            # An empty content is no publish's: the next one counts the row as changed.
            self._client.hset(key, mapping={**changed, content_field(view.name): b""})

    def _write_served(self, served: Served, of: int | None = None) -> None:
        """Say what is served; `of` is the attempt that ends with that."""

        def say(pipe: Any) -> None:
            pipe.delete(self._served_key)
            pipe.hset(self._served_key, mapping=served.fields)
            if of is not None:
                pipe.delete(self._unfinished_key)

        self._change(say, of)

    def _change(self, queue: Callable[[Any], None], of: int | None) -> None:
        """One transaction of what is queued; where it is an attempt's, only if no later one has begun."""
        from redis.exceptions import WatchError

        with self._client.pipeline(transaction=True) as pipe:
            if of is not None:
                pipe.watch(self._attempt_key)
                if pipe.get(self._attempt_key) != str(of).encode():
                    raise overtaken(of)
                pipe.multi()
            queue(pipe)
            try:
                pipe.execute()
            except WatchError:
                raise overtaken(of or 0) from None

    def _keys(self, *join_keys: str) -> Iterator[bytes]:
        """Keys of this project's hashes, of some entities or of all."""
        from jobs.adapters.online.redis_layout import entity_key_of

        pattern = b"*" + _escaped(self._project.encode())
        wanted = join_keys or tuple(ENTITY_KEY.values())
        for key in self._client.scan_iter(pattern, count=1000):
            if any(entity_key_of(key, join_key, self._project) is not None for join_key in wanted):
                yield key

    @cached_property
    def _client(self) -> Any:
        return open_client(self._address)

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


def _escaped(text: bytes) -> bytes:
    """Text in which no byte is a wildcard."""
    return b"".join(b"\\" + bytes([byte]) if byte in b"*?[]\\" else bytes([byte]) for byte in text)


def _texts(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in fields.items()}
