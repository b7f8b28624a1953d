"""Where Feast 0.67 keeps an entity and a feature (entity_key_serialization_version 3)."""

import struct

_STRING = 2  # feast.types.ValueType.STRING


def entity_key(join_key: str, value: str) -> bytes:
    """The serialized key of one entity with one string key; any text is a key, also one that cannot be UTF-8."""
    name, text = join_key.encode(), value.encode("utf-8", "surrogatepass")
    return struct.pack("<3I", 1, _STRING, len(name)) + name + struct.pack("<2I", _STRING, len(text)) + text


def redis_field(view: str, feature: str) -> bytes:
    """Field of one feature in an entity's hash."""
    import mmh3

    return struct.pack("<I", mmh3.hash(f"{view}:{feature}", signed=False))
