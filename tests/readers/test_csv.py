"""CSV as it comes: quotes, embedded newlines, byte order marks, short and long rows."""

import gzip
from pathlib import Path

import pytest
from log_of import rows_of
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
        file(tmp_path, "1.csv", quoted),
        file(tmp_path, "2.csv", marked),
        file(tmp_path, "3.csv", "text,id,more\nsix,6,x\n"),
        file(tmp_path, "4.csv", "id,text\n7\n8,x,y\n"),
        file(tmp_path, "5.csv", ""),
        file(tmp_path, "6.csv", "\n\nid,text\n9,after blank lines\n"),
        file(tmp_path, "7.csv.gz", gzip.compress(b"id,text\n10,packed\n")),
    ]
    assert rows_of(*csv.read(spark, files)) == [
        ("1.csv", {"id": "1", "text": 'a "word", a\nnew line'}),
        ("1.csv", {"id": "2", "text": "back\\slash"}),
        ("1.csv", {"id": "3", "text": "  spaces  "}),
        ("1.csv", {"id": "4", "text": None}),
        ("2.csv", {"id": "5", "text": "été"}),
        ("3.csv", {"text": "six", "id": "6", "more": "x"}),
        ("4.csv", "7"),
        ("4.csv", "8,x,y"),
        ("6.csv", {"id": "9", "text": "after blank lines"}),
        ("7.csv.gz", {"id": "10", "text": "packed"}),
    ]


def test_any_header_does(spark: SparkSession, tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", ",Id,id,a.b,`x,corrupt,it's,${y}\n0,1,2,3,4,5,6,7\n")
    [(_, row)] = rows_of(*csv.read(spark, [path]))
    assert row == {"": "0", "Id": "1", "id": "2", "a.b": "3", "`x": "4", "corrupt": "5", "it's": "6", "${y}": "7"}


def test_only_empty_files_give_no_rows(spark: SparkSession, tmp_path: Path) -> None:
    files = [file(tmp_path, "1.csv", ""), file(tmp_path, "2.csv", "id,text\n")]
    assert csv.read(spark, files[:1]) == []
    assert rows_of(*csv.read(spark, files)) == []


def test_columns_of_the_header(tmp_path: Path) -> None:
    assert csv.columns(Path(file(tmp_path, "a.csv", '"a, b","c ""d"""\n1,2\n'))) == ("a, b", 'c "d"')
    assert csv.columns(Path(file(tmp_path, "b.csv", ""))) == ()
    assert csv.columns(Path(file(tmp_path, "c.csv.gz", gzip.compress(b"\xef\xbb\xbfa,b\n1,2\n")))) == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("a.csv", b"caf\xe9,id\n1,2\n", "cannot read .*a.csv as CSV: .*; deliver it again as UTF-8 text"),
        ("a.csv", b"id,price,id\n", "a.csv has more than one column 'id'"),
        ("a.csv.gz", b"id,price\n", "cannot read .*a.csv.gz as CSV: Not a gzipped file"),
        ("a.csv.gz", gzip.compress(b"id,price\n" * 99)[:15], "cannot read .*a.csv.gz as CSV: .*ended"),
    ],
)
def test_a_header_that_cannot_be_used_is_refused(tmp_path: Path, name: str, content: bytes, part: str) -> None:
    with pytest.raises(InputError, match=part):
        csv.columns(Path(file(tmp_path, name, content)))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none.csv as CSV: .*No such file"):
        csv.columns(tmp_path / "none.csv")
