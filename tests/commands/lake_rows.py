"""Puts rows into a lake as a stage would, in whatever state they are."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.arrow import write_pandas
from jobs.adapters.lake.digest import digest_files
from jobs.datasets.tables import table_named


def put(lake: Lake, name: str, day: date, rows: list[dict[str, Any]], **manifest: Any) -> Manifest:
    """Make a partition current; columns that a row leaves out are null."""
    table = table_named(name)
    frame = pd.DataFrame(rows, columns=list(table.column_names)).astype("object")
    attempt = lake.begin(name)
    write_pandas(table, frame.where(frame.notna(), None), attempt, day)
    files = attempt.files(day)
    n_rows, digest = digest_files(table, [attempt.folder / file for file in files])
    given = {"stage": "test", "fingerprint": "", "inputs": {}, "settings": "", "code": "", "shape": ""}
    made = Manifest(
        table=name, run_date=day, attempt=attempt.number, files=files, rows=n_rows, digest=digest,
        schema_version=table.schema_version, state_version=table.state_version, **{**given, **manifest},
    )  # fmt: skip
    lake.commit(made)
    return made


def age(folder: Path, hours: float) -> None:
    """Make everything below a folder look as if it was written so long ago."""
    for path in (folder, *folder.rglob("*")):
        stamp = path.stat().st_mtime - 3600 * hours
        os.utime(path, (stamp, stamp))
