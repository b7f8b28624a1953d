"""Decoding against Feast's own, for every kind of value that is published, and keys and fields against Feast's."""

from datetime import UTC, datetime
from typing import Any

import pytest
from feast import ValueType
from hypothesis import given
from hypothesis import strategies as st
from plain_writer import key_of, value_of

from nightjar_client.decode import decode
from nightjar_client.keys import entity_key, redis_field

_INT64 = st.integers(-(2**63), 2**63 - 1)
_FLOATS = st.floats(allow_nan=False)
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
_VALUES = {
    "STRING": _TEXT,
    "INT32": st.integers(-(2**31), 2**31 - 1),
    "INT64": _INT64,
    "DOUBLE": _FLOATS,
    "STRING_LIST": st.lists(_TEXT, min_size=1, max_size=30),
    "INT64_LIST": st.lists(_INT64, min_size=1, max_size=30),
    "DOUBLE_LIST": st.lists(_FLOATS, min_size=1, max_size=30),
}


@pytest.mark.parametrize("kind", sorted(_VALUES))
def test_values_come_back(kind: str) -> None:
    @given(_VALUES[kind])
    def comes_back(value: Any) -> None:
        assert decode(value_of(value, ValueType[kind])) == value

    comes_back()


def test_moments_and_what_is_missing() -> None:
    moment = datetime(2025, 3, 4, 15, tzinfo=UTC)
    assert decode(value_of(moment, ValueType.UNIX_TIMESTAMP)) == moment
    assert decode(value_of(None, ValueType.STRING)) is None
    assert decode(b"") is decode(None) is None


def test_kinds_that_are_not_published_are_those_of_feast() -> None:
    from feast.protos.feast.types.Value_pb2 import BoolList, FloatList, Value

    assert decode(Value(bool_val=True).SerializeToString()) is True
    assert decode(Value(float_val=0.5).SerializeToString()) == 0.5
    assert list(decode(Value(bool_list_val=BoolList(val=[True, False])).SerializeToString())) == [True, False]
    assert list(decode(Value(float_list_val=FloatList(val=[0.5])).SerializeToString())) == [0.5]


@given(_TEXT)
def test_keys_are_those_of_feast(text: str) -> None:
    from feast.infra.online_stores.helpers import _mmh3

    assert entity_key("user_id", text) == key_of("user_id", text)
    assert redis_field("recs_for_you", text) == _mmh3(f"recs_for_you:{text}")
