import gzip
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.core.config import load_settings
from jobs.core.config.log import LogSettings
from jobs.core.errors import InputError
from jobs.readers.column_kinds import SAMPLE, column_kinds


def log(kind: str) -> LogSettings:
    return load_settings("sample").log.model_copy(update={"format": kind})


def kinds(path: Path, kind: str) -> dict[str, str]:
    return {name: "|".join(sorted(column.kinds)) for name, column in column_kinds(path, log(kind)).columns.items()}


def test_json_lines_by_value_without_broken_lines(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl.gz"
    lines = ['{"a": "x", "b": 1}', '{"a": 2.5, "c": null}', "{broken", "[1]", '{"d": [1], "e": {"f": 1}, "g": true}']
    with gzip.open(file, "wt", encoding="utf-8") as stream:
        stream.write("\n".join(lines))
    assert kinds(file, "jsonlines") == {
        "a": "number|text",
        "b": "number",
        "c": "",
        "d": "list",
        "e": "object",
        "g": "boolean",
    }
    seen = column_kinds(file, log("jsonlines"))
    assert (seen.n_rows, seen.columns["a"].n_seen, seen.columns["c"].n_seen) == (3, 2, 1)


def test_a_csv_header_names_texts(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("\ufeffa,b\n1,2\n", encoding="utf-8")
    assert kinds(file, "csv") == {"a": "text", "b": "text"}
    assert column_kinds(file, log("csv")).n_rows == SAMPLE


def test_a_parquet_schema_tells_coarse_kinds(tmp_path: Path) -> None:
    file = tmp_path / "x.parquet"
    row = {
        "int": pa.array([1], pa.int32()), "float": [1.0], "decimal": [Decimal("1.5")], "text": ["x"], "flag": [True],
        "time": [datetime(2025, 1, 1, tzinfo=UTC)], "day": [date(2025, 1, 1)],
        "coded": pa.array(["x"]).dictionary_encode(),
    }  # fmt: skip
    pq.write_table(pa.table(row), file)
    assert kinds(file, "parquet") == {
        "int": "number",
        "float": "number",
        "decimal": "number",
        "text": "text",
        "flag": "boolean",
        "time": "time",
        "day": "time",
        "coded": "text",
    }


def test_a_gzipped_parquet_file_is_unpacked(home: Path, tmp_path: Path) -> None:
    plain, packed = tmp_path / "x.parquet", tmp_path / "x.parquet.gz"
    pq.write_table(pa.table({"text": ["x"], "number": [1]}), plain)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert kinds(packed, "parquet") == kinds(plain, "parquet") == {"text": "text", "number": "number"}


@pytest.mark.parametrize("kind", ["csv", "jsonlines"])
def test_an_empty_file_has_no_columns(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "x"
    file.touch()
    assert column_kinds(file, log(kind)).columns == {}


@pytest.mark.parametrize("kind", ["csv", "jsonlines", "parquet"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match="nowhere"):
        column_kinds(tmp_path / "nowhere", log(kind))
