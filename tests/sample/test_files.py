import pytest

from jobs.core.errors import StorageError
from jobs.sample.files import write_lines, write_whole


def test_lines_end_with_a_newline(tmp_path):
    write_lines(tmp_path / "new" / "a.jsonl", ["ä", "b"])
    assert (tmp_path / "new" / "a.jsonl").read_bytes() == "ä\nb\n".encode()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.jsonl"
    write_lines(path, ["old"])

    def fill_the_disk(beside):
        beside.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left on device"):
        write_whole(path, fill_the_disk)
    assert [found.name for found in tmp_path.iterdir()] == ["a.jsonl"]
    assert path.read_text() == "old\n"


def test_a_folder_that_is_a_file_is_an_error_with_a_way_out(tmp_path):
    (tmp_path / "log").write_text("")
    with pytest.raises(StorageError, match="choose another folder"):
        write_lines(tmp_path / "log" / "a.jsonl", ["a"])
