"""How the columns of a day's log files differ from those of the last day that had files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from jobs.core.drift_schemas import LOG_COLUMNS

ENOUGH = 20
"""Rows of today in which a column was to be expected; with fewer, its absence is chance."""

USUAL = 0.5
"""Share of rows that had a column from which on it is missed: what only some rows say comes in bursts."""

NEW, MISSING, RETYPED, SAME = "new", "missing", "retyped", ""


@dataclass(frozen=True)
class SeenColumn:
    """A column in some files.

    Attributes
    ----------
    kinds
        Kinds of its values, nulls left out.
    n_seen
        Rows that had it.
    """

    kinds: frozenset[str]
    n_seen: int


@dataclass(frozen=True)
class SeenFiles:
    """The columns of some files of one log, and how many rows were looked at."""

    columns: Mapping[str, SeenColumn]
    n_rows: int


def merge(files: Iterable[SeenFiles]) -> SeenFiles:
    """Several files as one."""
    columns: dict[str, SeenColumn] = {}
    n_rows = 0
    for seen in files:
        n_rows += seen.n_rows
        for name, column in seen.columns.items():
            known = columns.get(name, SeenColumn(frozenset(), 0))
            columns[name] = SeenColumn(known.kinds | column.kinds, known.n_seen + column.n_seen)
    return SeenFiles(columns, n_rows)


def roll_columns(before: pd.DataFrame, seen: Mapping[str, SeenFiles]) -> pd.DataFrame:
    """The table of a day.

    Parameters
    ----------
    before
        The table of the day before; empty on the first one, when nothing can have changed.
    seen
        Columns by log; a log without a file, or with an empty one, is carried forward as it was.

    Returns
    -------
    pandas.DataFrame
        The columns of `LOG_COLUMNS`. A column that went missing is told once, and is new when it comes back.
    """
    known: dict[str, dict[str, dict[str, Any]]] = {}
    for row in before.to_dict("records"):
        if row["change"] != MISSING:
            kept = {str(key): value for key, value in row.items()} | {"change": SAME, "kind_before": None}
            known.setdefault(row["source"], {})[row["column"]] = kept
    rows: list[dict[str, Any]] = []
    for source in sorted({*known, *seen}):
        files = seen.get(source, SeenFiles({}, 0))
        past = known.get(source, {})
        rows += _compared(source, past, files) if files.columns else past.values()
    return pd.DataFrame(rows, columns=list(LOG_COLUMNS.column_names)).astype({"n_seen": "int64", "n_rows": "int64"})


def _compared(source: str, past: Mapping[str, dict[str, Any]], files: SeenFiles) -> list[dict[str, Any]]:
    rows = [_seen_row(source, name, files, past) for name in sorted(files.columns)]
    return rows + [_absent_row(row, files) for name, row in sorted(past.items()) if name not in files.columns]


def _seen_row(source: str, name: str, files: SeenFiles, past: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    column, row = files.columns[name], past.get(name)
    before = row["kind"] if row else None
    kinds = column.kinds or set((before or "").split("|")) - {""}
    change = SAME
    if past and row is None:
        change = NEW
    elif before and column.kinds and not column.kinds & set(before.split("|")):
        change = RETYPED
    kind = "|".join(sorted(kinds))
    values = (source, name, kind, column.n_seen, files.n_rows, change, before)
    return dict(zip(LOG_COLUMNS.column_names, values, strict=True))


def _absent_row(row: dict[str, Any], files: SeenFiles) -> dict[str, Any]:
    """A column that most rows leave out may be absent by chance: it stays as it was."""
    share = row["n_seen"] / max(row["n_rows"], 1)
    is_missed = share >= USUAL and files.n_rows * share >= ENOUGH
    return row | {"change": MISSING, "kind_before": row["kind"]} if is_missed else row
