"""Writes hashes into Redis, many in one transaction, with what they held before counted."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from jobs.adapters.online.counts import Counts
from jobs.adapters.online.pieces import pieces
from jobs.core.errors import OnlineStoreError

if TYPE_CHECKING:
    from jobs.adapters.online.encode import EncodedView

BATCH = 200  # hashes of one transaction: a few milliseconds in which Redis answers nobody else


def attempt_key(project: str) -> str:
    """Key of the number of the attempt that began last."""
    return f"nightjar:{project}:attempt"


def overtaken(attempt: int | str) -> OnlineStoreError:
    """What an attempt ends with where a later one has begun."""
    return OnlineStoreError(
        f"another publish has begun while attempt {attempt} wrote; nothing more of this one is written, and that one "
        "writes all; publish again if it does not end"
    )


class HashWriter:
    """Writes the hashes of one attempt.

    Parameters
    ----------
    client
        Of the redis package.
    project
        Feast project.
    attempt
        Number of the attempt, by which `redis_store` finds what it did not write. Where a later one has begun
        nothing more is written: a worker of a publish that died may still be at work.
    expires_at
        When the hashes go; None for hashes that stay.
    """

    def __init__(self, client: Any, project: str, attempt: int, expires_at: datetime | None) -> None:
        self._connection = client.connection_pool.get_connection()
        self._pool = client.connection_pool
        self._project = project
        self._attempt = str(attempt).encode()
        self._attempt_key = attempt_key(project).encode()
        self._expires = str(int(expires_at.timestamp())).encode() if expires_at else None

    def close(self) -> None:
        """Give the connection back; closed, since it may still watch a key."""
        self._connection.disconnect()
        self._pool.release(self._connection)

    def write(self, views: Sequence["EncodedView"], counts: Counts) -> None:
        """Write all views' rows of some keys; a key's hash is replaced at one moment."""
        by_key = self._by_key(views)
        for keys in pieces(sorted(by_key), BATCH):
            self._count(keys, by_key, counts)
            self._write_batch(keys, by_key)

    def _by_key(self, views: Sequence["EncodedView"]) -> dict[bytes, "_Hash"]:
        from jobs.adapters.online.redis_layout import content_field, hash_parts

        by_key: dict[bytes, _Hash] = {}
        for encoded in views:
            name = content_field(encoded.view.name)
            rows = zip(hash_parts(encoded, self._project), encoded.contents, strict=True)
            for (key, n_arguments, payload), content in rows:
                row = by_key.get(key)
                if row is None:
                    row = by_key[key] = _Hash()
                row.add(name, content, n_arguments, payload)
        return by_key

    def _count(self, keys: Sequence[bytes], by_key: dict[bytes, "_Hash"], counts: Counts) -> None:
        from jobs.adapters.online.redis_layout import command

        watch = command(b"WATCH", self._attempt_key) + command(b"GET", self._attempt_key)
        asked = watch + b"".join(command(b"HMGET", key, *by_key[key].contents) for key in keys)
        _, attempt, *found = self._ask(asked, len(keys) + 2)
        if attempt != self._attempt:
            raise overtaken(self._attempt.decode())
        for key, before in zip(keys, found, strict=True):
            for old, new in zip(before, by_key[key].contents.values(), strict=True):
                counts.add(old, new)

    def _write_batch(self, keys: Sequence[bytes], by_key: dict[bytes, "_Hash"]) -> None:
        from jobs.adapters.online.redis_layout import ATTEMPT, bulk, command

        mark = bulk(ATTEMPT) + bulk(self._attempt)
        parts = [command(b"MULTI")]
        for key in keys:
            row, named = by_key[key], bulk(key)
            parts.append(b"*2\r\n$3\r\nDEL\r\n" + named)
            parts.append(b"*%d\r\n$4\r\nHSET\r\n" % (row.n_arguments + 4) + named + mark + b"".join(row.payloads))
            if self._expires:
                parts.append(b"*3\r\n$8\r\nEXPIREAT\r\n" + named + bulk(self._expires))
        parts.append(command(b"EXEC"))
        *_, done = self._ask(b"".join(parts), (3 if self._expires else 2) * len(keys) + 2)
        if done is None:
            raise overtaken(self._attempt.decode())

    def _ask(self, packed: bytes, n_answers: int) -> list[Any]:
        """Send commands and read their answers; the first error is raised when all are read."""
        self._connection.send_packed_command([packed])
        answers, failed = [], None
        for _ in range(n_answers):
            answer, error = self._read()
            answers.append(answer)
            failed = failed or error
        if failed:
            raise failed
        return answers

    def _read(self) -> tuple[Any, Exception | None]:
        from redis.exceptions import ResponseError

        try:
            return self._connection.read_response(), None
        except ResponseError as error:
            return None, error


class _Hash:
    """One hash to write: the contents of its rows by their fields, and the bytes of its other arguments."""

    __slots__ = ("contents", "n_arguments", "payloads")

    def __init__(self) -> None:
        self.contents: dict[bytes, bytes] = {}
        self.n_arguments = 0
        self.payloads: list[bytes] = []

    def add(self, name: bytes, content: bytes, n_arguments: int, payload: bytes) -> None:
        self.contents[name] = content
        self.n_arguments += n_arguments
        self.payloads.append(payload)
