"""Puts rows into a lake as a stage would, in whatever state they are."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.put import put_partition
from jobs.datasets.tables import table_named


def put(lake: Lake, name: str, day: date, rows: list[dict[str, Any]], **manifest: Any) -> Manifest:
    """Make a partition current; columns that a row leaves out are null."""
    table = table_named(name)
    frame = pd.DataFrame(rows, columns=list(table.column_names)).astype("object")
    return put_partition(lake, table, day, frame.where(frame.notna(), None), "test", **manifest)


def age(folder: Path, hours: float) -> None:
    """Make everything below a folder look as if it was written so long ago."""
    for path in (folder, *folder.rglob("*")):
        stamp = path.stat().st_mtime - 3600 * hours
        os.utime(path, (stamp, stamp))
