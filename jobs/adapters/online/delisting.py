"""Takes items out of lists that are served: what both stores do when something can no longer be had."""

from collections.abc import Collection, Mapping

from feast.protos.feast.types.Value_pb2 import Value

from jobs.adapters.online.encode import Cell, encode_values
from jobs.core.table import Column
from jobs.features.serving import LIST_VIEWS

LISTS: tuple[Column, ...] = tuple(column for column in LIST_VIEWS[0].view.features if column.type.startswith("array"))
"""Columns that are parallel to `items`, itself among them."""

ITEMS = "items"


def names_any(items: bytes, delisted: Collection[str]) -> bool:
    """Whether a serialized list names one of the items."""
    return not frozenset(delisted).isdisjoint(Value.FromString(items).string_list_val.val)


def shortened(stored: Mapping[str, bytes], delisted: Collection[str]) -> dict[str, Cell] | None:
    """The columns of a row without some items; None where none is left.

    Parameters
    ----------
    stored
        Serialized values of `LISTS` by column.
    delisted
        Items that leave.
    """
    gone = frozenset(delisted)
    kept = [place for place, item in enumerate(_values(stored[ITEMS], "array<string>")) if item not in gone]
    if not kept:
        return None
    return {column.name: _encoded(_values(stored[column.name], column.type), kept, column.type) for column in LISTS}


def _values(stored: bytes, kind: str) -> list[str] | list[float]:
    value = Value.FromString(stored)
    return list(value.double_list_val.val if kind == "array<double>" else value.string_list_val.val)


def _encoded(values: list[str] | list[float], kept: list[int], kind: str) -> Cell:
    [cell] = encode_values([[values[place] for place in kept]], kind)
    return cell
