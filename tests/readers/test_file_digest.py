"""Digests of content, in one pass over files of any size."""

import gzip
from pathlib import Path

import pytest

from jobs.core.errors import InputError
from jobs.readers import file_digest as module
from jobs.readers.file_digest import file_digest, files_digest


def test_a_digest_is_of_the_bytes(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a")
    two.write_bytes(b"a")
    assert file_digest(one, is_text=True) == file_digest(two, is_text=True)
    two.write_bytes(b"b")
    assert file_digest(one, is_text=True) != file_digest(two, is_text=True)


def test_packing_a_file_does_not_change_its_digest(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(b"a,b\n1,2\n")
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=7))
    assert file_digest(plain, is_text=True) == file_digest(packed, is_text=True)


def test_the_digest_of_several_files_goes_by_content_not_by_name(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for path, content in zip(paths, (b"1", b"2", b"1"), strict=True):
        path.write_bytes(content)
    one, two, again = paths
    assert files_digest([one, two], True) == files_digest([two, again], True)
    assert files_digest([one, two], True) != files_digest([one], True) != files_digest([one, again], True)


def test_text_that_is_not_utf8_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    path, packed = tmp_path / "2025-03-01.jsonl", tmp_path / "2025-03-01.jsonl.gz"
    path.write_bytes(b'{"a": 1}\n' * 600_000 + b'{"a": "\xff"}\n')
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    for broken in (path, packed):
        with pytest.raises(InputError, match="not UTF-8"):
            file_digest(broken, is_text=True)
    assert file_digest(path, is_text=False)


def test_a_letter_may_lie_across_two_blocks_and_not_across_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 2)
    path = tmp_path / "a.csv"
    path.write_bytes("aéü".encode())
    assert file_digest(path, is_text=True)
    path.write_bytes("aéü".encode()[:-1])
    with pytest.raises(InputError, match=r"a.csv is not UTF-8 text: unexpected end of data"):
        file_digest(path, is_text=True)


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"x" * 1000)[:15]])
def test_what_cannot_be_unpacked_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"cannot unpack .*a.csv.gz: .*; deliver it again"):
        file_digest(path, is_text=True)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none: No such file or directory"):
        file_digest(tmp_path / "none", is_text=False)
