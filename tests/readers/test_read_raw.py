"""What every format has in common: days from file names, and a mapping that has to fit."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from log_of import log_of
from pyspark.sql import SparkSession

from jobs.core.errors import InputError
from jobs.readers.registry import READERS, check_columns, read_raw

MAPPING = {"event_type": "type", "event_time": "at", "user_id": "who"}
FIRST, SECOND = date(2025, 1, 1), date(2025, 1, 2)


def write_log(folder: Path, format: str) -> dict[date, Path]:
    """Two days of one row each."""
    files = {day: folder / f"{day}.{format}" for day in (FIRST, SECOND)}
    for day, path in files.items():
        if format == "csv":
            path.write_text(f"type,at,who\nview,{day},u\n")
        elif format == "jsonlines":
            path.write_text(f'{{"type":"view","at":"{day}","who":"u"}}\n')
        else:
            pq.write_table(pa.table({"type": ["view"], "at": [str(day)], "who": ["u"]}), path)
    return files


@pytest.mark.parametrize("format", sorted(READERS))
def test_formats_agree(spark: SparkSession, tmp_path: Path, format: str) -> None:
    folder = tmp_path / "a folder of 2024-01-01 & more"
    folder.mkdir()
    rows = read_raw(spark, write_log(folder, format), log_of(format, MAPPING)).collect()
    assert {(row["run_date"], row["source"], row["raw"]) for row in rows} == {
        (day, "app", f'{{"type":"view","at":"{day}","who":"u"}}') for day in (FIRST, SECOND)
    }


def test_no_file_no_row(spark: SparkSession) -> None:
    frame = read_raw(spark, {}, log_of("csv", MAPPING))
    assert frame.columns == ["run_date", "source", "raw", "source_file"]
    assert frame.count() == 0


@pytest.mark.parametrize("format", sorted(READERS))
def test_a_missing_column_names_file_key_and_columns_before_a_row_is_read(tmp_path: Path, format: str) -> None:
    files = write_log(tmp_path, format)
    log = log_of(format, {**MAPPING, "event_time": "ts"})
    with pytest.raises(InputError) as caught:
        read_raw(None, files, log)  # type: ignore[arg-type]  # no session: nothing can be read
    message = str(caught.value)
    assert f"{files[FIRST]} has no column 'ts', which log.columns.event_time reads" in message
    assert all(name in message for name in MAPPING.values())


def test_json_lines_may_leave_other_columns_out() -> None:
    check_columns(Path("x"), ("type", "at"), log_of("jsonlines", MAPPING))
    with pytest.raises(InputError, match=r"no column 'who', which log.columns.user_id reads; it has: type, at"):
        check_columns(Path("x"), ("type", "at"), log_of("csv", MAPPING))


def test_an_empty_file_has_no_wrong_columns() -> None:
    check_columns(Path("x"), (), log_of("csv", MAPPING))
