import gzip
import json
from pathlib import Path

import pytest

from jobs.commands.raw_texts import line_of, raw_texts
from jobs.core.errors import InputError, UsageError

HEADER = json.dumps(["id", "name", "price"])


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("1,lamp,2.5", "1\x1flamp\x1f2.5"),
        ('1,"lamp, red",', "1\x1flamp, red\x1f"),
        ('{"name": "lamp", "id": "1"}', "1\x1flamp\x1f"),
        ('{"id": "1", "name": null, "price": 3}', "1\x1f\x1f3"),
    ],
)
def test_a_row_of_a_file_with_a_header_is_found_by_its_fields(row: str, text: str) -> None:
    assert raw_texts(row, ["", HEADER]) == [row, text]


@pytest.mark.parametrize("row", ["1,lamp", '{"other": 1}', '{"id":', ""])
def test_a_row_of_another_shape_is_looked_for_as_it_is(row: str) -> None:
    assert raw_texts(row, [HEADER]) == [row]


def test_a_line_of_a_text_file(tmp_path: Path) -> None:
    file = tmp_path / "2025-03-01.jsonl"
    file.write_text('{"a":1}\r\n{"a":2}\n', encoding="utf-8")
    assert line_of(file, 1) == '{"a":1}'
    with pytest.raises(UsageError, match="no line 3"):
        line_of(file, 3)


def test_a_row_of_a_csv_file_may_spread_over_lines(tmp_path: Path) -> None:
    file = tmp_path / "2025-03-01.csv.gz"
    with gzip.open(file, "wt", encoding="utf-8", newline="") as stream:
        stream.write('id,name\n1,"two\nlines"\n2,x\n')
    assert line_of(file, 2) == line_of(file, 3) == '1,"two\nlines"'
    assert line_of(file, 4) == "2,x"


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        line_of(tmp_path / "nowhere.csv", 1)
    with pytest.raises(UsageError, match="has no lines"):
        line_of(tmp_path / "x.parquet", 1)
