"""What every format has in common: days from file names, and a mapping that has to fit."""

import gzip
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from log_of import app_of, log_of, rows_of
from pyspark.sql import SparkSession

from jobs.core.config import Settings
from jobs.core.config.log import LogSettings
from jobs.core.errors import InputError
from jobs.readers.log_files import SourceFiles
from jobs.readers.registry import READERS, check_columns, check_files, file_headers, read_log, read_raw
from jobs.transforms.mapping import map_columns

MAPPING = {"event_type": "type", "event_time": "at", "user_id": "who"}
FIRST, SECOND = date(2025, 1, 1), date(2025, 1, 2)


def write_log(folder: Path, format: str) -> SourceFiles:
    """Two days of one row each."""
    files = {day: (folder / f"{day}.{format}",) for day in (FIRST, SECOND)}
    for day, (path,) in files.items():
        write_row(path, format, str(day))
    return SourceFiles(files)


def write_row(path: Path, format: str, at: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if format == "csv":
        path.write_text(f"type,at,who\nview,{at},u\n")
    elif format == "jsonlines":
        path.write_text(f'{{"type":"view","at":"{at}","who":"u"}}\n')
    else:
        pq.write_table(pa.table({"type": ["view"], "at": [at], "who": ["u"]}), path)
    return path


def in_app(files: dict[str, SourceFiles], app: Settings) -> list[tuple[LogSettings, SourceFiles]]:
    """Each log's files with its settings."""
    return [(app.sources[name], found) for name, found in files.items()]


def content(day: date, format: str) -> object:
    return f'{{"type":"view","at":"{day}","who":"u"}}' if format == "jsonlines" else {
        "type": "view",
        "at": str(day),
        "who": "u",
    }  # fmt: skip


@pytest.mark.parametrize("format", sorted(READERS))
def test_formats_agree(spark: SparkSession, tmp_path: Path, format: str) -> None:
    folder = tmp_path / "a folder of 2024-01-01 & more"
    folder.mkdir()
    raw = read_raw(spark, in_app({"app": write_log(folder, format)}, app_of(app=log_of(format, MAPPING))))
    assert raw.columns == ["run_date", "source", "header", "raw", "source_file"]
    assert {(row["run_date"], row["source"]) for row in raw.collect()} == {(FIRST, "app"), (SECOND, "app")}
    for day in (FIRST, SECOND):
        assert [text for _, text in rows_of(raw.filter(raw.run_date == day))] == [content(day, format)]


@pytest.mark.parametrize("format", sorted(READERS))
def test_a_name_that_looks_like_a_pattern_is_a_name(spark: SparkSession, tmp_path: Path, format: str) -> None:
    folder = tmp_path / "a [b]*"
    names = ("x[1]", "x1", "{y,z}", "y", "u*", "uv", r"w\?")
    paths = {name: write_row(folder / f"{name}.{format}", format, name) for name in names}
    log = log_of(format, MAPPING)
    for path in paths.values():
        assert sum(rows.count() for rows in read_log(spark, SourceFiles(undated=(path,)), log)) == 1
    together = read_log(spark, SourceFiles(undated=tuple(paths.values())), log)
    assert sum(rows.count() for rows in together) == len(names)


@pytest.mark.parametrize("format", sorted(READERS))
def test_a_name_that_spark_cannot_open_is_refused(spark: SparkSession, tmp_path: Path, format: str) -> None:
    path = write_row(tmp_path / f"10:30.{format}", format, "x")
    with pytest.raises(InputError, match=r"10:30\..* colon .*; deliver it under another one"):
        read_log(spark, SourceFiles(undated=(path,)), log_of(format, MAPPING))


@pytest.mark.parametrize("format", sorted(READERS))
def test_equal_rows_have_one_hash_and_others_another(spark: SparkSession, tmp_path: Path, format: str) -> None:
    paths = [
        write_row(tmp_path / f"{name}.{format}", format, at) for name, at in (("a", "x"), ("b", "x"), ("c", "y"))
    ]
    parts = read_log(spark, SourceFiles({FIRST: tuple(paths)}), log_of(format, MAPPING))
    hashes = {row["source_file"].rpartition("/")[2][0]: row["row_hash"] for part in parts for row in part.collect()}
    assert hashes["a"] == hashes["b"] != hashes["c"]


def test_a_null_in_another_place_is_another_row(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / f"{FIRST}.parquet"
    pq.write_table(
        pa.table({"type": ["v", None, None], "at": [None, "v", ""], "who": pa.nulls(3, pa.string())}), path
    )
    (rows,) = read_log(spark, SourceFiles({FIRST: (path,)}), log_of("parquet", MAPPING))
    assert len({row["row_hash"] for row in rows.collect()}) == 3
    assert {tuple(row["fields"]) for row in rows.collect()} == {
        ("v", None, None),
        (None, "v", None),
        (None, "", None),
    }


def test_columns_that_differ_in_case_only_are_told_apart(spark: SparkSession, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Id,id,type,at\n1,2,view,x\n")
    log = log_of("csv", {"event_type": "type", "event_time": "at", "user_id": "id", "item_id": "Id"})
    (rows,) = read_log(spark, SourceFiles({FIRST: (path,)}), log)
    (row,) = map_columns(rows, log).collect()
    assert (row["user_id"], row["item_id"]) == ("2", "1")


def test_a_night_and_a_range_find_the_same_days(spark: SparkSession, tmp_path: Path) -> None:
    folder = tmp_path / "2020-02-02"
    days = {
        FIRST: (
            write_row(folder / f"{FIRST}.csv", "csv", "a"),
            write_row(folder / f"{FIRST}-2024-12-31.csv", "csv", "b"),
        ),
        SECOND: (
            write_row(folder / str(SECOND) / "part-1.csv", "csv", "c"),
            write_row(folder / str(SECOND) / f"{FIRST}.csv", "csv", "d"),
            write_row(folder / str(SECOND) / f"{SECOND}.csv", "csv", "e"),
        ),
    }
    app = app_of(app=log_of("csv", MAPPING))
    together = read_raw(spark, in_app({"app": SourceFiles(days)}, app))
    for day in days:
        alone = read_raw(spark, in_app({"app": SourceFiles({day: days[day]})}, app))
        assert rows_of(alone) == rows_of(together.filter(together.run_date == day)) != []


def test_several_logs_keep_their_names(spark: SparkSession, tmp_path: Path) -> None:
    web, shop, items = (tmp_path / name for name in ("web", "shop", "items"))
    files = {
        "web": write_log(web, "jsonlines"),
        "shop": SourceFiles(undated=(write_row(shop / "all.csv", "csv", "x"),)),
        "items": SourceFiles({FIRST: (write_row(items / f"{FIRST}.csv", "csv", "x"),)}),
    }
    app = app_of(
        web=log_of("jsonlines", MAPPING),
        shop=log_of("csv", MAPPING, day_from="event_time"),
        items=log_of("csv", {"item_id": "who", "title": "type"}, kind="items"),
    )
    rows = [(row["source"], row["run_date"]) for row in read_raw(spark, in_app(files, app)).collect()]
    assert sorted(rows, key=str) == [("items", FIRST), ("shop", None), ("web", FIRST), ("web", SECOND)]


def test_no_file_no_row(spark: SparkSession) -> None:
    frame = read_raw(spark, in_app({"app": SourceFiles()}, app_of(app=log_of("csv", MAPPING))))
    assert frame.columns == ["run_date", "source", "header", "raw", "source_file"]
    assert frame.count() == 0


@pytest.mark.parametrize("format", sorted(READERS))
def test_a_missing_column_names_file_key_and_columns(tmp_path: Path, format: str) -> None:
    files = write_log(tmp_path, format)
    app = app_of(web=log_of(format, {**MAPPING, "event_time": "ts"}))
    with pytest.raises(InputError) as caught:
        check_files(files, app.sources["web"], app.key_of("web"))
    message = str(caught.value)
    assert f"{files.by_day[FIRST][0]} has no column 'ts', which logs.web.columns.event_time reads" in message
    assert all(name in message for name in MAPPING.values())


def test_a_filter_needs_its_column_too(tmp_path: Path) -> None:
    filters = [{"column": "type", "matches": "x"}, {"column": "shop", "matches": "x"}]
    with pytest.raises(InputError, match=r"no column 'shop', which log.filters.1 reads; it has: type, at, who"):
        check_columns(Path("x"), ("type", "at", "who"), log_of("csv", MAPPING, filters=filters), "log")


def test_json_lines_may_leave_other_columns_out() -> None:
    check_columns(Path("x"), ("type", "at"), log_of("jsonlines", MAPPING), "log")
    with pytest.raises(InputError, match=r"no column 'who', which log.columns.user_id reads; it has: type, at"):
        check_columns(Path("x"), ("type", "at"), log_of("csv", MAPPING), "log")


def test_an_empty_file_has_no_wrong_columns() -> None:
    check_columns(Path("x"), (), log_of("csv", MAPPING), "log")


def test_headers_are_those_of_the_files_and_none(tmp_path: Path) -> None:
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"at,type\n"))
    files = SourceFiles({FIRST: (write_row(tmp_path / "a.csv", "csv", "x"), tmp_path / "b.csv.gz")})
    assert file_headers(files, log_of("csv", MAPPING)) == ("", '["at", "type"]', '["type", "at", "who"]')
    assert file_headers(files, log_of("jsonlines", MAPPING)) == ("",)
