"""The digest of a table's rows: the same rows give the same digest, in whatever order and number of files.

A row hashes to Spark's ``xxhash64`` (seed 42) over a bit mask of its nulls and then its stable columns in
the table's order; an array counts its length first. A partition's digest is a SHA-256 over the columns'
names and types, the number of rows, the sum of the row hashes modulo 2^64 and their exclusive or.
Spark computes it where Spark writes (`jobs/adapters/spark/digest.py`), this module wherever files are read.

Source of the hash: XXH64, Y. Collet, https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md;
Spark chains columns by handing each one's hash to the next as its seed, and passes over nulls.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from jobs.adapters.lake.xxhash import U64, hash_bytes, hash_int, hash_long
from jobs.core.table import Column, Table

SEED = 42


def finish(table: Table, rows: int, total: int, folded: int) -> str:
    """Put the parts of a partition's digest together.

    Parameters
    ----------
    table
        Gives the names and types of the stable columns.
    rows
        Number of rows.
    total, folded
        Sum and exclusive or of the row hashes; any representative modulo 2^64.
    """
    columns = [[column.name, column.type] for column in table.stable_columns]
    parts = [columns, rows, total % 2**64, folded % 2**64]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def digest_files(table: Table, files: Iterable[Path]) -> tuple[int, str]:
    """Number of rows and digest of a partition's files."""
    names = [column.name for column in table.stable_columns]
    rows, total, folded = 0, 0, 0
    for file in files:
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=250_000, columns=names):
                hashes = row_hashes(table, pa.Table.from_batches([batch]).select(names))
                rows += len(hashes)
                total += int(hashes.astype(object).sum()) if len(hashes) else 0
                folded ^= int(np.bitwise_xor.reduce(hashes)) if len(hashes) else 0
    return rows, finish(table, rows, total, folded)


def row_hashes(table: Table, rows: pa.Table) -> npt.NDArray[np.uint64]:
    """Hash of every row, shape (rows,)."""
    hashes = np.full(rows.num_rows, SEED, dtype=U64)
    hashes = hash_long(_null_mask(table.stable_columns, rows), hashes)
    for column in table.stable_columns:
        hashes = _hash_column(rows.column(column.name).combine_chunks(), column.type, hashes)
    return hashes


def _null_mask(columns: tuple[Column, ...], rows: pa.Table) -> npt.NDArray[np.uint64]:
    mask = np.zeros(rows.num_rows, dtype=U64)
    for bit, column in enumerate(columns):
        nulls = pc.is_null(rows.column(column.name)).to_numpy(zero_copy_only=False)
        mask |= nulls.astype(U64) << U64(bit)
    return mask


def _hash_column(values: Any, kind: str, seeds: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    valid = pc.is_valid(values).to_numpy(zero_copy_only=False)
    if kind.startswith("array"):
        return _hash_lists(values, kind.removeprefix("array<").removesuffix(">"), valid, seeds)
    hashes: npt.NDArray[np.uint64] = np.where(valid, _hash_scalars(values, kind, seeds), seeds)
    return hashes


def _hash_lists(
    values: Any, kind: str, valid: npt.NDArray[np.bool_], seeds: npt.NDArray[np.uint64]
) -> npt.NDArray[np.uint64]:
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    hashes: npt.NDArray[np.uint64] = np.where(valid, hash_long(lengths.astype(np.int64).view(U64), seeds), seeds)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    flat = values.flatten()
    for position in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > position)
        hashes[rows] = _hash_column(flat.take(pa.array(starts[rows] + position)), kind, hashes[rows])
    return hashes


def _hash_scalars(values: Any, kind: str, seeds: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    if kind == "string":
        return hash_bytes(values.cast(pa.large_binary()), seeds)
    if kind in ("int", "date", "boolean"):
        as_int = values.cast(pa.int32()) if kind != "boolean" else values.cast(pa.int8()).cast(pa.int32())
        return hash_int(pc.fill_null(as_int, 0).to_numpy(zero_copy_only=False).view(np.uint32), seeds)
    return hash_long(_as_longs(values, kind), seeds)


def _as_longs(values: Any, kind: str) -> npt.NDArray[np.uint64]:
    if kind == "double":
        numbers = pc.fill_null(values, 0.0).to_numpy(zero_copy_only=False)
        bits: npt.NDArray[np.uint64] = np.where(numbers == 0, 0.0, numbers).view(U64)
        return bits
    if kind.startswith("decimal"):
        return _unscaled(values)
    longs = values.cast(pa.timestamp("us", "UTC")).cast(pa.int64()) if kind == "timestamp" else values
    filled: npt.NDArray[np.uint64] = pc.fill_null(longs, 0).to_numpy(zero_copy_only=False).view(U64)
    return filled


def _unscaled(values: Any) -> npt.NDArray[np.uint64]:
    """Low 64 bits of 128-bit decimals; exact, since at most 18 digits are allowed."""
    words = np.frombuffer(values.buffers()[1], dtype=U64) if len(values) else np.empty(0, dtype=U64)
    return words[2 * values.offset : 2 * (values.offset + len(values)) : 2]
