from datetime import date
from pathlib import Path

import pytest

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.expose import expose_current, expose_partition, hide_retired

DAY = date(2025, 3, 3)


def manifest(lake: Lake, texts: dict[str, str], day: date = DAY) -> Manifest:
    """An attempt with some files, and the manifest that names them."""
    attempt = lake.begin("churn")
    attempt.partition(day).mkdir()
    for name, text in texts.items():
        (attempt.partition(day) / f"{name}.parquet").write_text(text)
    return Manifest(
        table="churn", run_date=day, attempt=attempt.number, files=attempt.files(day), rows=0, digest="", stage="",
        fingerprint="", inputs={}, settings="", code="", schema_version=1, state_version=0, shape="",
    )  # fmt: skip


def content(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


def test_the_current_attempt_alone_stands_in_the_folder(tmp_path: Path) -> None:
    lake, folder = Lake(tmp_path / "lake"), tmp_path / "offline"
    expose_partition(lake, manifest(lake, {"a": "one", "b": "two"}), folder)
    expose_partition(lake, manifest(lake, {"a": "other day"}, date(2025, 3, 4)), folder)
    second = manifest(lake, {"a": "new"})
    expose_partition(lake, second, folder)
    expose_partition(lake, second, folder)
    assert content(folder) == {"2025-03-03-0.parquet": "new", "2025-03-04-0.parquet": "other day"}


def test_an_empty_partition_leaves_no_file_of_its_date(tmp_path: Path) -> None:
    lake, folder = Lake(tmp_path / "lake"), tmp_path / "offline"
    expose_partition(lake, manifest(lake, {"a": "one"}), folder)
    expose_partition(lake, manifest(lake, {}), folder)
    assert content(folder) == {}


def test_files_are_copied_where_links_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    lake, folder = Lake(tmp_path / "lake"), tmp_path / "offline"
    made = manifest(lake, {"a": "one"})
    expose_partition(lake, made, folder)
    assert content(folder) == {"2025-03-03-0.parquet": "one"}
    assert not (folder / "2025-03-03-0.parquet").samefile(lake.paths(made)[0])


def test_a_date_is_hidden_unless_it_has_become_current_again(tmp_path: Path) -> None:
    lake, folder = Lake(tmp_path / "lake"), tmp_path / "offline"
    lake.commit(manifest(lake, {"a": "made again"}))
    expose_current(lake, "churn", DAY, folder)
    hide_retired(lake, "churn", DAY, folder)
    assert content(folder) == {f"{DAY}-0.parquet": "made again"}
    lake.retire("churn", DAY)
    hide_retired(lake, "churn", DAY, folder)
    assert content(folder) == {}


def test_what_is_current_is_shown_whoever_asks(tmp_path: Path) -> None:
    lake, folder = Lake(tmp_path / "lake"), tmp_path / "offline"
    expose_current(lake, "churn", DAY, folder)
    first, second = manifest(lake, {"a": "replaced"}), manifest(lake, {"a": "current"})
    lake.commit(second)
    lake.commit(first)
    expose_current(lake, "churn", DAY, folder)
    assert content(folder) == {"2025-03-03-0.parquet": "current"}
