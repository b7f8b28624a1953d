"""An identical second call has nothing to do; another one leaves no file of the first behind."""

from dataclasses import replace

import pytest

from jobs.core.errors import UsageError
from jobs.sample.folders import Folders
from jobs.sample.generate import generate
from jobs.sample.marker import MARKER, begin, is_unchanged
from jobs.sample.parameters import Parameters

TINY = Parameters(users=20, items=10, days=3)


@pytest.fixture
def folders(tmp_path) -> Folders:
    return Folders(tmp_path / "log", tmp_path / "log-truth")


def test_nothing_is_unchanged_before_the_first_sample(folders):
    assert not is_unchanged(folders, TINY)


def test_the_same_parameters_are_unchanged(folders):
    generate(TINY, folders)
    assert is_unchanged(folders, TINY)
    assert not is_unchanged(folders, replace(TINY, seed=1))


def test_a_damaged_file_is_noticed(folders):
    generate(TINY, folders)
    folders.log_of(TINY.first_day).write_text("")
    assert not is_unchanged(folders, TINY)


def test_an_interrupted_sample_is_not_unchanged(folders):
    generate(TINY, folders)
    begin(folders, TINY)
    assert not is_unchanged(folders, TINY)


def test_a_shorter_sample_removes_the_days_of_the_longer_one(folders):
    generate(TINY, folders)
    generate(replace(TINY, days=2), folders)
    assert sorted(path.name for path in folders.log.iterdir()) == ["2025-01-01.jsonl", "2025-01-02.jsonl"]


def test_profiles_of_an_earlier_sample_are_removed(folders):
    generate(replace(TINY, items=200, days=20), folders)
    assert len(list(folders.items.iterdir())) > 1
    generate(replace(TINY, days=1), folders)
    assert [path.name for path in folders.items.iterdir()] == ["2025-01-01.jsonl"]
    assert [path.name for path in folders.users.iterdir()] == ["2025-01-01.jsonl"]


def test_a_damaged_catalogue_is_noticed(folders):
    generate(TINY, folders)
    folders.items_of(TINY.first_day).write_text("")
    assert not is_unchanged(folders, TINY)


def test_files_of_somebody_else_are_left_alone(folders):
    folders.log.mkdir()
    (folders.log / "2024-05-01.jsonl").write_text("{}\n")
    with pytest.raises(UsageError, match=r"the first is 2024-05-01\.jsonl"):
        generate(TINY, folders)
    assert [path.name for path in folders.log.iterdir()] == ["2024-05-01.jsonl"]


def test_a_strange_marker_is_refused(folders):
    folders.truth.mkdir()
    (folders.truth / MARKER).write_text("[]")
    with pytest.raises(UsageError, match="is not a marker"):
        is_unchanged(folders, TINY)


@pytest.mark.parametrize(
    ("log", "truth"), [("a", "a"), ("a", "a/truth"), ("a/log", "a"), ("a", "a-items"), ("a", "a-users/truth")]
)
def test_overlapping_folders_are_refused(tmp_path, log, truth):
    with pytest.raises(UsageError, match="overlap"):
        Folders(tmp_path / log, tmp_path / truth)
