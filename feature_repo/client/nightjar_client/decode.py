"""Feast's serialized values as Python's, without building a message for each.

The wire format is protobuf's, of `feast.types.Value`: one field of a oneof. Kinds that Nightjar does not
publish are left to Feast's own class.
"""

import struct
from datetime import UTC, datetime
from typing import Any

_DOUBLE = struct.Struct("<d")
_FLOAT = struct.Struct("<f")
_SIGN = 1 << 63


def decode(data: bytes | None) -> Any:
    """One value; None for an empty or missing one.

    Parameters
    ----------
    data
        A serialized `Value`.

    Returns
    -------
    str, int, float, bool, bytes, a UTC datetime, or a list of those.
    """
    if not data:
        return None
    tag = data[0]
    if tag == 0x12:  # string_val
        size, start = _varint(data, 1)
        return data[start : start + size].decode()
    if tag == 0x29:  # double_val
        return _DOUBLE.unpack_from(data, 1)[0]
    if tag in (0x18, 0x20):  # int32_val, int64_val
        return _signed(_varint(data, 1)[0])
    if tag == 0x62:  # string_list_val
        return _strings(data)
    if tag == 0x7A:  # double_list_val
        return _doubles(data)
    if tag in (0x6A, 0x72):  # int32_list_val, int64_list_val
        return _integers(data)
    if tag == 0x40:  # unix_timestamp_val
        return datetime.fromtimestamp(_signed(_varint(data, 1)[0]), UTC)
    if tag == 0x38:  # bool_val
        return bool(data[1])
    if tag == 0x35:  # float_val
        return _FLOAT.unpack_from(data, 1)[0]
    return _with_feast(data)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that starts there, and where it ends."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= _SIGN else value


def _strings(data: bytes) -> list[str]:
    """Field 1 repeated: tag, size, text."""
    _, at = _varint(data, 1)
    end, texts = len(data), []
    while at < end:
        size = data[at + 1]
        at += 2
        if size >= 0x80:
            size, at = _varint(data, at - 1)
        texts.append(data[at : at + size].decode())
        at += size
    return texts


def _doubles(data: bytes) -> list[float]:
    """Field 1 packed; an empty list has no field."""
    size, at = _varint(data, 1)
    if not size:
        return []
    size, at = _varint(data, at + 1)
    return list(struct.unpack_from(f"<{size // 8}d", data, at))


def _integers(data: bytes) -> list[int]:
    size, at = _varint(data, 1)
    if not size:
        return []
    _, at = _varint(data, at + 1)
    numbers, end = [], len(data)
    while at < end:
        value, at = _varint(data, at)
        numbers.append(_signed(value))
    return numbers


def _with_feast(data: bytes) -> Any:
    from feast.protos.feast.types.Value_pb2 import Value
    from feast.type_map import feast_value_type_to_python_type

    return feast_value_type_to_python_type(Value.FromString(data))
