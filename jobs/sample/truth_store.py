"""The truth on disk: Parquet tables in the truth folder."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from jobs.core.errors import InputError
from jobs.sample.files import write_whole
from jobs.sample.folders import Folders
from jobs.sample.leaving import Hazard
from jobs.sample.marker import MARKER
from jobs.sample.parameters import Parameters
from jobs.sample.truth import Truth
from jobs.sample.truth_tables import (
    ArrowTable,
    build_dirt_table,
    build_item_table,
    build_leaving_table,
    build_purchase_table,
    build_user_table,
    parse_truth,
)


def write_truth(
    folders: Folders, truth: Truth, hazards: Sequence[Hazard], dirt: Sequence[dict[str, int]]
) -> list[Path]:
    """Write the tables ``users``, ``items``, ``purchases``, ``leaving`` and ``dirt``; their paths."""
    tables = {
        "users": build_user_table(truth),
        "items": build_item_table(truth.world.items),
        "purchases": build_purchase_table(truth),
        "leaving": build_leaving_table(hazards),
        "dirt": build_dirt_table(dirt),
    }
    return [_write_table(folders.truth_of(name), table) for name, table in tables.items()]


def read_truth(folder: Path) -> Truth:
    """Read the truth of a whole sample.

    Raises
    ------
    InputError
        If ``folder`` is not the truth folder of a whole sample.
    """
    marker = folder / MARKER
    if not marker.is_file() or not (content := json.loads(marker.read_text()))["complete"]:
        raise InputError(f"sample: {folder} has no whole truth; run `nightjar sample --truth {folder}` first")
    flags = {name: value for name, value in content["parameters"].items() if name != "generator"}
    parameters = Parameters(**{**flags, "first_day": date.fromisoformat(flags["first_day"])})
    tables = (pq.read_table(folder / f"{name}.parquet") for name in ("users", "items", "purchases"))
    return parse_truth(parameters, *tables)


def _write_table(path: Path, table: ArrowTable) -> Path:
    write_whole(path, lambda beside: pq.write_table(table, beside))
    return path
