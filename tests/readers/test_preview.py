from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.core.errors import InputError
from jobs.readers.preview import preview


def test_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('\ufeffuser,note\n u1 ,"a, b"\nu2,\nu3,x,too many\n', encoding="utf-8")
    head = preview(path, "csv")
    assert head.columns == ("user", "note")
    assert head.values("user") == ["u1", "u2", "u3"]
    assert head.values("note") == ["a, b", "x"]


def test_json_lines_with_dirt(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1, "b": null}\nnonsense\n[1]\n\n{"a": {"x": 2}, "c": "y"}\n', encoding="utf-8")
    head = preview(path, "jsonlines")
    assert head.columns == ("a", "c")
    assert head.values("a") == ["1", '{"x": 2}']


def test_parquet_moments_are_shown_in_utc_as_spark_does(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    moment = datetime(2025, 3, 1, 10, tzinfo=UTC)
    tokyo = pa.array([moment], pa.timestamp("us", "Asia/Tokyo"))
    local = pa.array([moment.replace(tzinfo=None)], pa.timestamp("us"))
    pq.write_table(pa.table({"moment": tokyo, "local": local, "n": [7]}), path)
    head = preview(path, "parquet")
    assert head.rows == ({"moment": "2025-03-01 10:00:00", "local": "2025-03-01 10:00:00", "n": "7"},)
    assert head.utc_columns == {"moment"}


@pytest.mark.parametrize("log_format", ["csv", "jsonlines", "parquet"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\n\x00"])
def test_what_cannot_be_read_is_named(log_format: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"broken.*{log_format}"):
        preview(path, log_format)


@pytest.mark.parametrize(("mark", "name"), [("\t", "a tab"), (";", "a semicolon"), ("|", "a bar")])
def test_another_separator_than_the_comma_is_named(mark: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(mark.join(["SessionId", "ItemId", "Time"]) + "\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=f"its separator is {name}.*deliver it with commas, for example by: python -c"
    ):
        preview(path, "csv")


def test_parquet_that_no_night_reads_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"at": pa.array([1], pa.timestamp("ns"))}), path)
    with pytest.raises(InputError, match="column 'at' holds times in nanoseconds, which Spark does not read"):
        preview(path, "parquet")
