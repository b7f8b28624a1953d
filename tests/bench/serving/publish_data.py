"""A night of many users for the bench: ten numbers, a list of twenty and a prediction of each user."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.adapters.lake.arrow import arrow_schema, arrow_type
from jobs.adapters.online.encode import stamp_values
from jobs.adapters.online.generation import Generation, StatusMark
from jobs.features.online import ONLINE_VIEWS, online_columns
from jobs.features.spec import FeatureView

RUN_DATE = date(2025, 3, 3)
END = datetime(2025, 3, 4, tzinfo=UTC)
GENERATION = Generation(
    RUN_DATE, "0123456789abcdef", END, datetime(2100, 1, 1, tzinfo=UTC), StatusMark(RUN_DATE, "status")
)
NUMBERS = 10
ITEMS = 20
REASONS = 3  # of a prediction
CATALOGUE = 5_000
BATCH = 20_000  # users written at once
VIEWS = ("user_activity", "recs_for_you", "churn")


def use_ten_numbers() -> None:
    """Let this process's `user_activity` have its first ten numbers only, as the figure is defined."""
    whole = ONLINE_VIEWS["user_activity"]
    numbers = [column for column in whole.features if column.type in ("double", "long")]
    ONLINE_VIEWS["user_activity"] = replace(whole, features=tuple(numbers[:NUMBERS]))


def write_night(folder: Path, users: int) -> dict[str, list[Path]]:
    """Files by view: ours, and with the stamps in ``<view>.feast.parquet`` those that Feast materializes."""
    folder.mkdir(parents=True, exist_ok=True)
    return {name: [_write_view(folder, ONLINE_VIEWS[name], users)] for name in VIEWS}


def feast_file(file: Path) -> Path:
    """The file of the same rows with what a publish stamps on them."""
    return file.with_suffix(".feast.parquet")


def _write_view(folder: Path, view: FeatureView, users: int) -> Path:
    file, schema = folder / f"{view.name}.parquet", arrow_schema(view.table)
    rng = np.random.default_rng(7)
    stamps = [column for column in online_columns(view) if column not in view.features]
    wide = pa.schema([*schema, *((column.name, arrow_type(column.type)) for column in stamps)])
    with pq.ParquetWriter(file, schema) as ours, pq.ParquetWriter(feast_file(file), wide) as theirs:
        for start in range(0, users, BATCH):
            rows = _rows(view, start, min(start + BATCH, users), rng)
            ours.write_table(rows)
            values = stamp_values(GENERATION)
            for column in stamps:
                repeated = pa.array([values[column.name]] * len(rows), arrow_type(column.type))
                rows = rows.append_column(column.name, repeated)
            theirs.write_table(rows.cast(wide))
    return file


def _rows(view: FeatureView, start: int, end: int, rng: np.random.Generator) -> pa.Table:
    n_rows = end - start
    columns: dict[str, Any] = {
        view.key: [f"u{number:08d}" for number in range(start, end)],
        "event_timestamp": [END] * n_rows,
    }
    for column in view.features:
        size = ITEMS if view.name.startswith("recs_") else REASONS
        columns[column.name] = _values(column.name, column.type, (n_rows, size), rng)
    return pa.table({name: columns[name] for name in view.table.column_names}, schema=arrow_schema(view.table))


def _values(name: str, kind: str, shape: tuple[int, int], rng: np.random.Generator) -> Any:
    """A column of `shape[0]` rows; its lists have `shape[1]` values."""
    n_rows, _ = shape
    if kind == "boolean":
        return rng.random(n_rows) < 0.1
    if kind == "double":
        return rng.random(n_rows)
    if kind == "long":
        return rng.integers(0, 1000, n_rows)
    if kind == "string":
        return ["recommender-2025-03-03-0123abcd"] * n_rows
    if kind == "array<double>":
        return list(-np.sort(-rng.random(shape), axis=1))
    if kind == "array<long>":
        return list(rng.integers(0, 1000, shape))
    names = {"reasons": ["because_you_had", "like_your_taste", "popular"], "sources": ["als", "popularity"]}
    pool = np.array(names.get(name, [f"i{number:05d}" for number in range(CATALOGUE)]), dtype=object)
    return list(pool[rng.integers(0, len(pool), shape)])
