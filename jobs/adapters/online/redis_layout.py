"""Where Feast 0.67 keeps a value in Redis.

The key of an entity's hash is ``<serialized entity key><project>``; its fields are ``mmh3(<view>:<feature>)``
for every feature and ``_ts:<view>`` for the event time of every view.
"""

import struct
from collections.abc import Iterator
from datetime import datetime

from feast.infra.online_stores.helpers import _mmh3
from feast.protos.feast.types.Value_pb2 import ValueType
from google.protobuf.timestamp_pb2 import Timestamp

from jobs.adapters.online.encode import EncodedView, encode_key, naive_utc
from jobs.features.online import online_columns
from jobs.features.spec import FeatureView

_WORD = 4  # bytes of a length or a type in a serialized key


def hash_key(project: str, join_key: str, value: str) -> bytes:
    """Key of the hash of one entity."""
    return encode_key(join_key, value) + project.encode()


def field(view: str, feature: str) -> bytes:
    """Field of one feature."""
    return bytes(_mmh3(f"{view}:{feature}"))


def time_field(view: str) -> bytes:
    """Field of a view's event time."""
    return f"_ts:{view}".encode()


def fields_of(view: FeatureView) -> list[bytes]:
    """All fields of a view, its event time last."""
    return [*(field(view.name, column.name) for column in online_columns(view)), time_field(view.name)]


def hashes(encoded: EncodedView, project: str) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    """Key and fields of every row of a view."""
    fields = fields_of(encoded.view)
    moment = _timestamp(encoded.event_time)
    for key, *cells in zip(encoded.keys, *encoded.columns.values(), strict=True):
        yield key + project.encode(), dict(zip(fields, (*(value for value, _ in cells), moment), strict=True))


def key_prefix(join_key: str) -> bytes:
    """How every serialized key of an entity begins."""
    name = join_key.encode()
    return struct.pack("<3I", 1, ValueType.STRING, len(name)) + name


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
    stamp = Timestamp()
    stamp.FromDatetime(naive_utc(moment))
    return bytes(stamp.SerializeToString())
