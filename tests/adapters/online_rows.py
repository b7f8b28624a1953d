"""Literal rows of every view, and a generation to stamp them with."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pyarrow as pa

from jobs.adapters.lake.arrow import arrow_schema
from jobs.adapters.online.encode import EncodedView, encode_view
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.features.online import ONLINE_VIEWS
from jobs.features.spec import FeatureView

_VALUES = {
    "string": "ü|*",
    "long": 2**40,
    "int": 7,
    "double": 0.1,
    "array<string>": ["a", ""],
    "array<long>": [2, 0],
    "array<double>": [0.5, 0.25],
}


def generation(run_date: date = date(2025, 3, 3), content: str = "0123456789abcdef") -> Generation:
    """A generation of a day, far from its expiry whatever today is."""
    end = datetime(run_date.year, run_date.month, run_date.day, tzinfo=UTC) + timedelta(days=1)
    return Generation(run_date, content, end, datetime(2100, 1, 1, tzinfo=UTC), StatusMark(run_date, "status"))


def frame(view: FeatureView, keys: tuple[str, ...], salt: str = "") -> pd.DataFrame:
    """One row per key; the first one has a null wherever the spec allows it. `salt` changes all strings."""
    rows = [
        {column.name: _value(column.type, salt, null=column.nullable and number == 0) for column in view.features}
        for number in range(len(keys))
    ]
    stamped = pd.DataFrame(rows).assign(event_timestamp=pd.Timestamp("2025-03-04", tz="UTC").as_unit("us"))
    return stamped.assign(**{view.key: list(keys)})[list(view.table.column_names)]


def encoded(of: Generation, keys: tuple[str, ...] = ("b", "a", "longer-id"), salt: str = "") -> list[EncodedView]:
    """All views with rows for the same ids."""
    return [encode_frame(view, frame(view, keys, salt), of) for view in ONLINE_VIEWS.values()]


def encode_frame(view: FeatureView, frame: pd.DataFrame, of: Generation) -> EncodedView:
    """Rows of a frame with the columns of the view's table."""
    return encode_view(view, pa.Table.from_pandas(frame, schema=arrow_schema(view.table), preserve_index=False), of)


def _value(kind: str, salt: str, null: bool) -> object:
    if null:
        return None
    return salt + str(_VALUES[kind]) if kind == "string" else _VALUES[kind]
