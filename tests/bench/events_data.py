"""A day of many millions of sample events, as Parquet and as JSON lines: `python -m tests.bench.events_data`.

One day of the sample's generator is copied until there are enough events. Each copy has its own users, visitors,
devices and event ids and is shifted by some minutes; items are shared, as a larger app has more users and not more
of a catalogue. The sample's dirt is copied with the rest. Lines that are no JSON stand in the JSON lines only.
The rows are in the order of the time that they give, mixed over the copies, as an app's log is.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.marker import is_unchanged
from jobs.sample.parameters import Parameters

DAY = date(2025, 1, 3)
BASE = Parameters(users=60_000, items=20_000, days=3)
"""The third day of an app, so that people come back, return goods and send what was late."""

EVENTS = (5_000_000, 20_000_000)
FORMATS = ("parquet", "jsonl")
THREADS = 2
MEMORY = "3GB"
ROWS_AT_ONCE = 250_000
"""Rows sorted and written at once: a row group of Parquet."""

TEXTS = ("id", "ts", "type", "user", "anon", "device", "item")
AFTER_ITEM = {
    "price": "DOUBLE",
    "currency": "VARCHAR",
    "qty": "BIGINT",
    "dwell_ms": "BIGINT",
    "query": "VARCHAR",
    "surface": "VARCHAR",
    "pos": "BIGINT",
    "platform": "VARCHAR",
    "device_class": "VARCHAR",
    "app_version": "VARCHAR",
    "locale": "VARCHAR",
    "country": "VARCHAR",
    "tz": "VARCHAR",
    "schema": "BIGINT",
}
FIELDS = {**dict.fromkeys(TEXTS, "VARCHAR"), **AFTER_ITEM}
"""The log's fields in their order. Times stay text in Parquet too: some of them are no times."""

SHIFT_MS = 7_919
LONGEST_SHIFT_MS = 1_200_000
"""A copy is this much later than the one before it, and starts anew after twenty minutes."""


@dataclass(frozen=True)
class Day:
    """One day's log to write: how many events it has, in which format, and its folder."""

    events: int
    format: str
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / f"{DAY.isoformat()}.{self.format}"


def folder_of(root: Path, events: int, form: str) -> Path:
    """`events/20m` for Parquet, `events/20m-jsonl` beside it; a size below a million is named in full."""
    size = f"{events // 1_000_000}m" if events % 1_000_000 == 0 else str(events)
    return root / "events" / (size if form == "parquet" else f"{size}-{form}")


def make_day(root: Path, events: int, form: str, base: Parameters = BASE) -> Path:
    """Write the day unless it is there, and answer its folder.

    Parameters
    ----------
    root
        Folder of the bench's data.
    events
        Rows of the Parquet file; the JSON lines have the broken lines more.
    form
        `parquet` or `jsonl`.
    base
        What the day that is copied is made from.
    """
    day = Day(events, form, folder_of(root, events, form))
    if day.path.is_file():
        return day.folder
    day.folder.mkdir(parents=True, exist_ok=True)
    partial = day.path.with_name(f".{day.path.name}.partial")
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        _read_base(connection, _make_base(root, base))
        {"parquet": _write_parquet, "jsonl": _write_lines}[form](connection, events, partial)
    partial.replace(day.path)
    return day.folder


def copy_day(source: Path, day: date, copies: int, target: Path) -> int:
    """Write so many copies of one day of a sample's log as Parquet; returns how many events it has.

    Parameters
    ----------
    source
        The day's JSON lines; broken ones are left out.
    day
        Its date.
    copies
        Each has users of its own: the same users in the same copy of every day.
    target
        The Parquet file; it appears when it is whole.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    with duckdb.connect(config={"threads": THREADS, "memory_limit": MEMORY}) as connection:
        _read_base(connection, source, day)
        ((lines,),) = connection.sql("SELECT count(*) FROM base WHERE NOT broken").fetchall()
        _write_parquet(connection, copies * lines, partial, day)
    partial.replace(target)
    return int(copies * lines)


def copy_of(user: str, copy: int) -> str:
    """Name of a user of the sample in a copy, from 0."""
    return f"{user}-{copy:05d}"


def _make_base(root: Path, base: Parameters) -> Path:
    folders = Folders(log=root / "base", truth=root / "base-truth")
    if not is_unchanged(folders, base):
        generate(base, folders)
    return folders.log_of(DAY)


def _read_base(connection: duckdb.DuckDBPyConnection, path: Path, day: date = DAY) -> None:
    """Table `base`, one row per line of the base day: `line` from 0 over whole lines, `broken` where it is no JSON.

    `clock` is its time as milliseconds of the day, null where it has none of this day; `around` is the newest one
    before it.
    """
    fields = ", ".join(
        f"CAST(json_extract_string(whole, '$.{name}') AS {kind}) AS {name}" for name, kind in FIELDS.items()
    )
    connection.execute(
        f"""
        CREATE TABLE base AS
        WITH lines AS (
            SELECT line AS text, row_number() OVER () AS number
            FROM read_csv(?, header=false, sep='\\x1F', quote='', escape='', columns={{'line': 'VARCHAR'}})
        ), read AS (
            SELECT number, NOT json_valid(text) AS broken, text,
                CASE WHEN json_valid(text) THEN text ELSE '{{}}' END AS whole
            FROM lines
        ), parsed AS (
            SELECT number, broken, CASE WHEN broken THEN text END AS remains,
                {fields},
                CASE WHEN ts LIKE '{day.isoformat()}T%'
                    THEN epoch_ms(TRY_CAST(ts AS TIMESTAMP)) - epoch_ms(DATE '{day.isoformat()}') END AS clock
            FROM read
        )
        SELECT *,
            CAST(sum(CAST(NOT broken AS INTEGER)) OVER so_far AS BIGINT) - 1 AS line,
            coalesce(last_value(clock IGNORE NULLS) OVER so_far, 0) AS around
        FROM parsed WINDOW so_far AS (ORDER BY number ROWS UNBOUNDED PRECEDING)
        """,
        [str(path)],
    )


def _blocks(
    connection: duckdb.DuckDBPyConnection, events: int, select: str, where: str, day: date = DAY
) -> Iterator[pa.Table]:
    """The rows of all copies, a stretch of the base day at a time, by the time they give."""
    ((lines,),) = connection.sql("SELECT count(*) FROM base WHERE NOT broken").fetchall()
    copies = -(-events // lines)
    last = events - (copies - 1) * lines
    step = max(1, ROWS_AT_ONCE // copies)
    for first in range(0, lines, step):
        yield connection.sql(
            f"""
            WITH copies AS (
                SELECT *, copy * {SHIFT_MS} % {LONGEST_SHIFT_MS} AS shift, printf('%05d', copy) AS name
                FROM base, (SELECT unnest(range({copies})) AS copy)
                WHERE line >= {first} AND line < {first + step} AND (copy < {copies - 1} OR line < {last}) AND {where}
            ), own AS (
                SELECT * REPLACE (
                    id || '-' || name AS id,
                    user || '-' || name AS user,
                    anon || '-' || name AS anon,
                    device || '-' || name AS device,
                    CASE WHEN clock IS NULL THEN ts ELSE strftime(
                        DATE '{day.isoformat()}' + to_milliseconds((clock + shift) % 86400000),
                        '%Y-%m-%dT%H:%M:%S.%gZ'
                    ) END AS ts
                ) FROM copies
            )
            SELECT {select} FROM own ORDER BY around + shift, number, copy
            """
        ).to_arrow_table()


def _write_parquet(connection: duckdb.DuckDBPyConnection, events: int, path: Path, day: date = DAY) -> None:
    writer = None
    for block in _blocks(connection, events, ", ".join(FIELDS), "NOT broken", day):
        writer = writer or pq.ParquetWriter(path, block.schema, compression="zstd")
        writer.write_table(block)
    if writer:
        writer.close()


def _write_lines(connection: duckdb.DuckDBPyConnection, events: int, path: Path) -> None:
    whole = " || ".join(f"""coalesce(',"{name}":' || {_json(name, kind)}, '')""" for name, kind in FIELDS.items())
    broken = """left(remains, 23) || '-' || name || substr(remains, 24)"""
    select = f"CASE WHEN broken THEN {broken} ELSE '{{' || substr({whole}, 2) || '}}' END AS line"
    with path.open("wb") as file:
        for block in _blocks(connection, events, select, "true"):
            file.write(("\n".join(block.column("line").to_pylist()) + "\n").encode())


def _json(name: str, kind: str) -> str:
    return f"'\"' || {name} || '\"'" if kind == "VARCHAR" else f"CAST({name} AS VARCHAR)"


def main() -> None:
    """Write what the flags ask for, and say where and how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/bench"), help="folder of the data [%(default)s]")
    parser.add_argument("--events", type=int, nargs="+", default=EVENTS, help="events of a day [%(default)s]")
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=FORMATS, help="[%(default)s]")
    args = parser.parse_args()
    for events in args.events:
        for form in args.formats:
            start = time.monotonic()
            folder = make_day(args.out, events, form)
            size = sum(file.stat().st_size for file in folder.glob(f"*.{form}")) / 2**30
            sys.stdout.write(
                f"{events:,} events, {form}: {folder}, {size:.2f} GiB, {time.monotonic() - start:.0f} s\n"
            )


if __name__ == "__main__":
    main()
