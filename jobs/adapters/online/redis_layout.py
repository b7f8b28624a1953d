"""Where Feast 0.67 keeps a value in Redis.

The key of an entity's hash is ``<serialized entity key><project>``; its fields are ``mmh3(<view>:<feature>)``
for every feature and ``_ts:<view>`` for the event time of every view.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import mmh3

from jobs.adapters.online.encode import EncodedView, encode_key, key_prefix
from jobs.adapters.online.wire import varint
from jobs.features.online import online_columns
from jobs.features.spec import FeatureView

_WORD = 4  # bytes of a length or a type in a serialized key


def hash_key(project: str, join_key: str, value: str) -> bytes:
    """Key of the hash of one entity."""
    return encode_key(join_key, value) + project.encode()


def field(view: str, feature: str) -> bytes:
    """Field of one feature."""
    hashed: int = mmh3.hash(f"{view}:{feature}", signed=False)
    return hashed.to_bytes(_WORD, "little")


def time_field(view: str) -> bytes:
    """Field of a view's event time."""
    return f"_ts:{view}".encode()


def content_field(view: str) -> bytes:
    """Field of what a row held when a publish wrote it; ours, for counting."""
    return f"_nightjar:{view}".encode()


ATTEMPT = b"_nightjar"
"""Field of the attempt to publish that wrote the hash; ours, by which the next one finds what is gone."""


def fields_of(view: FeatureView) -> list[bytes]:
    """All fields of a view's row."""
    features = (field(view.name, column.name) for column in online_columns(view))
    return [*features, time_field(view.name), content_field(view.name)]


def hash_parts(encoded: EncodedView, project: str) -> Iterator[tuple[bytes, int, bytes]]:
    """Every row's key, and its fields as a number of arguments and their bytes on the wire.

    What all rows have in common, such as the stamps and the names of fields, is put into those bytes once.
    """
    parts = [_fragments(field(encoded.view.name, name), column.values) for name, column in encoded.columns.items()]
    parts.append([_pair(time_field(encoded.view.name), _timestamp(encoded.event_time))] * len(encoded.keys))
    parts.append(_fragments(content_field(encoded.view.name), encoded.contents))
    ending = project.encode()
    for key, *row in zip(encoded.keys, *parts, strict=True):
        yield key + ending, 2 * len(parts), b"".join(row)


def bulk(argument: bytes) -> bytes:
    """One argument of a command on the wire (RESP bulk string)."""
    return b"$%d\r\n%b\r\n" % (len(argument), argument)


def command(*arguments: bytes) -> bytes:
    """A whole command on the wire."""
    return b"*%d\r\n" % len(arguments) + b"".join(map(bulk, arguments))


def _fragments(name: bytes, values: Sequence[bytes]) -> list[bytes]:
    head = bulk(name)
    return [b"%b$%d\r\n%b\r\n" % (head, len(value), value) for value in values]


def _pair(name: bytes, value: bytes) -> bytes:
    return bulk(name) + bulk(value)


def entity_key_of(key: bytes, join_key: str, project: str) -> bytes | None:
    """The serialized entity key in a hash's key, None where the hash is of another entity or project.

    Lengths decide and not the ending: project `retail` must not take the keys of `online_retail`.
    """
    prefix = key_prefix(join_key)
    start = len(prefix) + 2 * _WORD
    if not key.startswith(prefix) or len(key) < start:
        return None
    end = start + int.from_bytes(key[start - _WORD : start], "little")
    return key[:end] if key[end:] == project.encode() else None


def _timestamp(moment: datetime) -> bytes:
    """A serialized `google.protobuf.Timestamp` of a whole second."""
    return b"\x08" + varint(int(moment.timestamp()))
