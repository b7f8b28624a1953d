"""Stock side: `feast materialize` of sums, lists and chances of churn into SQLite, with Feast's defaults.

``python -m tests.bench.same_outputs.stock_online OUT DAY``
"""

import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from feast import Entity, FeatureView, Field, FileSource, ValueType
from feast.data_format import ParquetFormat
from feast.types import Array, FeastType, Float64, Int64, String

from tests.bench.serving.feast_materialize import open_feast

SOURCES = {"user_activity": "users", "recs_for_you": "lists", "churn": "churn.parquet"}
TIME = "event_timestamp"


def feast_type(kind: pa.DataType) -> FeastType:
    """Of a column."""
    if pa.types.is_list(kind):
        return Array(feast_type(kind.value_type))
    if pa.types.is_integer(kind):
        return Int64
    return Float64 if pa.types.is_floating(kind) else String


def stamped(out: Path, name: str, moment: datetime) -> Path:
    """The file of a view, with the time that Feast asks for."""
    rows = pq.read_table(out / SOURCES[name])
    times = pa.array([moment] * len(rows), pa.timestamp("us", "UTC"))
    file = out / f"{name}.feast.parquet"
    pq.write_table(rows.append_column(TIME, times), file)
    return file


def view_of(name: str, file: Path, user: Entity) -> FeatureView:
    """All columns of a file but its key and its time."""
    columns = [field for field in pq.read_schema(file) if field.name not in ("user_id", TIME)]
    return FeatureView(
        name=name,
        entities=[user],
        ttl=timedelta(days=60),
        schema=[Field(name=field.name, dtype=feast_type(field.type)) for field in columns],
        source=FileSource(path=str(file), file_format=ParquetFormat(), timestamp_field=TIME),
        online=True,
    )


def main() -> None:
    """Register the views and put all rows online."""
    out, day = Path(sys.argv[1]), date.fromisoformat(sys.argv[2])
    moment = datetime.fromisoformat(f"{day}T23:00:00+00:00")
    for file in out.glob("online.db*"):
        file.unlink()
    (out / "registry.db").unlink(missing_ok=True)
    store = open_feast(out, {"type": "sqlite", "path": str(out / "online.db")}, "dask")
    user = Entity(name="user", join_keys=["user_id"], value_type=ValueType.STRING)
    store.apply([user, *(view_of(name, stamped(out, name, moment), user) for name in SOURCES)])
    store.materialize(moment - timedelta(days=1), moment + timedelta(days=1))


if __name__ == "__main__":
    main()
