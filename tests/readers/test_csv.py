"""CSV as it comes: quotes, embedded newlines, byte order marks, short and long rows."""

import json
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs.core.errors import InputError
from jobs.readers import csv


def file(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def test_rows_are_what_was_written(spark: SparkSession, tmp_path: Path) -> None:
    quoted = 'id,text\n1,"a ""word"", a\nnew line"\n\n2,back\\slash\n3,"  spaces  "\n4,\n'
    marked = b"\xef\xbb\xbfid,text\r\n5,\xc3\xa9t\xc3\xa9\r\n"
    files = [
        file(tmp_path, "2025-01-01.csv", quoted),
        file(tmp_path, "2025-01-02.csv", marked),
        file(tmp_path, "2025-01-03.csv", "text,id,more\nsix,6,x\n"),
        file(tmp_path, "2025-01-04.csv", "id,text\n7\n8,x,y\n"),
        file(tmp_path, "2025-01-05.csv", ""),
        file(tmp_path, "2025-01-06.csv", "\n\nid,text\n9,after blank lines\n"),
    ]
    rows = {(row["source_file"][-14:-4], row["raw"]) for row in csv.read(spark, files).collect()}
    assert rows == {
        ("2025-01-01", '{"id":"1","text":"a \\"word\\", a\\nnew line"}'),
        ("2025-01-01", '{"id":"2","text":"back\\\\slash"}'),
        ("2025-01-01", '{"id":"3","text":"  spaces  "}'),
        ("2025-01-01", '{"id":"4"}'),
        ("2025-01-02", '{"id":"5","text":"été"}'),
        ("2025-01-03", '{"text":"six","id":"6","more":"x"}'),
        ("2025-01-04", "7"),
        ("2025-01-04", "8,x,y"),
        ("2025-01-06", '{"id":"9","text":"after blank lines"}'),
    }


def test_any_header_does(spark: SparkSession, tmp_path: Path) -> None:
    path = file(tmp_path, "2025-01-01.csv", ",Id,id,a.b,`x,corrupt\n0,1,2,3,4,5\n")
    (row,) = csv.read(spark, [path]).collect()
    assert json.loads(row["raw"]) == {"": "0", "Id": "1", "id": "2", "a.b": "3", "`x": "4", "corrupt": "5"}


def test_only_empty_files_give_no_rows(spark: SparkSession, tmp_path: Path) -> None:
    files = [file(tmp_path, "2025-01-01.csv", ""), file(tmp_path, "2025-01-02.csv", "id,text\n")]
    assert csv.read(spark, files[:1]).columns == ["raw", "source_file"]
    assert csv.read(spark, files).count() == 0


def test_columns_of_the_header(tmp_path: Path) -> None:
    assert csv.columns(Path(file(tmp_path, "a.csv", '"a, b","c ""d"""\n1,2\n'))) == ("a, b", 'c "d"')
    assert csv.columns(Path(file(tmp_path, "b.csv", ""))) == ()


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"caf\xe9,id\n1,2\n", "cannot read .*2025-01-01.csv as CSV: .*; deliver it again as UTF-8 text"),
        (b"id,price,id\n", "2025-01-01.csv has more than one column 'id'"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    with pytest.raises(InputError, match=part):
        csv.columns(Path(file(tmp_path, "2025-01-01.csv", content)))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none.csv as CSV: .*No such file"):
        csv.columns(tmp_path / "none.csv")
