"""JSON lines as they come: broken, blank, nested."""

import gzip
from pathlib import Path

import pytest
from log_of import rows_of
from pyspark.sql import SparkSession

from jobs.core.errors import InputError
from jobs.readers import jsonlines

LINES = (
    b'\xef\xbb\xbf{"id": 1, "at": {"x": [1]}}\n'
    b"\n \t \n"
    b'{"id": 2\n'
    b"not json\n"
    b'[{"other": 1}]\n'
    b'{"id": "\xc3\xa9", "late": null}\r\n'
    b'{"id": 3}'
)


@pytest.mark.parametrize("name", ["2025-01-01.jsonl", "2025-01-01.jsonl.gz"])
def test_every_line_that_is_not_blank_is_a_row_as_it_is(spark: SparkSession, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(gzip.compress(LINES) if name.endswith(".gz") else LINES)
    (tmp_path / "2025-01-02.jsonl").write_bytes(b"")
    files = [str(path) for path in tmp_path.iterdir()]
    assert rows_of(*jsonlines.read(spark, files)) == sorted(
        (name, text)
        for text in (
            '{"id": 1, "at": {"x": [1]}}',
            '{"id": 2',
            "not json",
            '[{"other": 1}]',
            '{"id": "é", "late": null}',
            '{"id": 3}',
        )
    )


def test_columns_are_the_keys_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01.jsonl"
    path.write_bytes(LINES)
    assert jsonlines.columns(path) == ("at", "id", "late")
    packed = tmp_path / "2025-01-01.jsonl.gz"
    packed.write_bytes(gzip.compress(LINES))
    assert jsonlines.columns(packed) == ("at", "id", "late")


@pytest.mark.parametrize(
    ("content", "begins"),
    [
        (b"\xef\xbb\xbfid,type\n1,view\n", "'id,type'"),
        (b'\n[{"id": 1, "type": "view"}]', '\'[{"id": 1, "type": "\''),
        (b'{\n "id": 1\n}\n', "'{'"),
        (b"7\n" * 1001 + b'{"id": 1}\n', "'7'"),
    ],
)
def test_lines_without_an_object_are_refused(tmp_path: Path, content: bytes, begins: str) -> None:
    path = tmp_path / "2025-01-01.jsonl"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        jsonlines.columns(path)
    assert f"{path} is no JSON lines: " in str(caught.value)
    assert f"the first one begins with {begins};" in str(caught.value)


def test_a_file_without_lines_has_no_columns(tmp_path: Path) -> None:
    for name, content in {"a.jsonl": b"", "b.jsonl": b"\n \n", "c.jsonl.gz": gzip.compress(b"")}.items():
        (tmp_path / name).write_bytes(content)
        assert jsonlines.columns(tmp_path / name) == ()


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "2025-01-01.jsonl"
    path.write_bytes(b'{"id": "caf\xe9"}\n')
    with pytest.raises(InputError, match=r"cannot read .*2025-01-01.jsonl as JSON lines: .*again as UTF-8 text"):
        jsonlines.columns(path)
