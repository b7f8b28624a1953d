"""What operators see and do when a log changes its columns; and a raw row before it is cleaned."""

import errno
import json
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pyspark.sql import SparkSession
from tiny_app import FIRST, write_app

from jobs.__main__ import main
from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import read_pandas
from jobs.core.config import Settings, load_settings
from jobs.core.config.log import ColumnRule
from jobs.core.drift_schemas import LOG_COLUMNS
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.core.schemas import RAW_FILES
from jobs.stages.built import is_built
from jobs.stages.catalog import stage_named
from jobs.stages.raw_rows import read_logs
from jobs.stages.runner import run_stage

SECOND = FIRST + timedelta(1)


@pytest.fixture
def log(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark: object) -> Path:
    """The log of the tiny app, whose first day is ingested."""
    monkeypatch.setenv("NIGHTJAR_CONF", str(write_app(tmp_path)))
    assert main(["ingest_events", "--app", "tiny", "--date", str(FIRST)]) == 0
    return tmp_path / "log"


def change(log: Path, day: date, column: str, to: str | None) -> None:
    """Rename a column of a day's file, or leave it out."""
    file = log / f"{day}.jsonl"
    lines = []
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.startswith('{"') else {}
        if column in row and to:
            row[to] = row[column]
        row.pop(column, None)
        lines.append(json.dumps(row) if row else line)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def columns(home: Path, day: date) -> dict[str, str]:
    lake = Lake(Home(home, "tiny").lake)
    rows = read_pandas(lake, LOG_COLUMNS, lake.require("log_columns", day, "ingest_events"))
    return dict(zip(rows["column"], rows["change"], strict=True))


def test_a_renamed_column_stops_the_night_until_somebody_accepts_it(
    home: Path, log: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    change(log, SECOND, "land", "country")
    night = ["ingest_events", "--app", "tiny", "--date", str(SECOND)]
    assert main(night) == 7
    assert "log_columns.missing_column: 1 row, such as 'clicks.land'" in caplog.text
    command = f"nightjar accept --app tiny --date {SECOND} --expectation log_columns.missing_column --reason"
    assert command in caplog.text
    assert Lake(Home(home, "tiny").lake).manifest("raw_events", SECOND) is None
    index = Home(home, "tiny").reports / str(SECOND) / "data_docs" / "index.html"
    assert f"the checks that failed, on a page: {index}" in caplog.text
    assert "stopped" in index.read_text(encoding="utf-8")
    assert "missing_column" in index.with_name("log_columns.html").read_text(encoding="utf-8")

    assert main([*command.split()[1:], "renamed, mapped from tomorrow on"]) == 0
    assert main(night) == 0
    assert {name: told for name, told in columns(home, SECOND).items() if told} == {
        "country": "new",
        "land": "missing",
    }
    manifest = Lake(Home(home, "tiny").lake).require("log_columns", SECOND, "")
    assert {check["expectation"] for check in manifest.checks} == {"missing_column", "new_column"}
    assert any("accepted log_columns.missing_column" in name for name in manifest.inputs)


def test_a_page_that_cannot_be_written_hides_no_failed_check(
    home: Path, log: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("jobs.adapters.quality.data_docs.render", full)
    change(log, SECOND, "land", None)
    assert main(["ingest_events", "--app", "tiny", "--date", str(SECOND)]) == 7
    assert "could not be written: [Errno 28] No space left on device" in caplog.text
    assert "log_columns.missing_column: 1 row" in caplog.text


def test_a_backfill_names_the_dates_and_is_released_by_its_own_option(
    home: Path, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    change(log, SECOND, "land", None)
    change(log, SECOND + timedelta(1), "cost", None)
    command = ["backfill", "--app", "tiny", "--from", str(SECOND), "--to", str(SECOND + timedelta(3))]
    one = [*command, "--table", "log_columns"]
    assert main(one) == 7
    assert "log_columns.missing_column: 2 rows" in caplog.text
    assert f"on {SECOND}, {SECOND + timedelta(1)} " in caplog.text
    assert main([*one, "--accept", "log_columns.missing_column"]) == 2
    assert "--reason" in caplog.text
    assert main([*one, "--accept", "log_columns.missing_colum", "--reason", "x"]) == 2
    assert main([*one, "--accept", "log_columns.missing_column", "--reason", "known"]) == 0
    lake = Lake(Home(home, "tiny").lake)
    assert lake.manifest("raw_events", SECOND) is None
    found = lake.require("log_columns", SECOND + timedelta(3), "")
    assert found.checks == ()
    assert found.span == f"{SECOND}..{SECOND + timedelta(3)}"


@pytest.mark.parametrize(
    ("table", "told"),
    [("predictions", "is made for one date at a time"), ("user_activty", "nearest valid name is 'user_activity'")],
)
def test_a_table_that_no_backfill_makes_is_refused(
    log: Path, caplog: pytest.LogCaptureFixture, table: str, told: str
) -> None:
    assert main(["backfill", "--app", "tiny", "--from", str(FIRST), "--to", str(FIRST), "--table", table]) == 2
    assert told in caplog.text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (1, ["no rule over one row refuses it", "visitorid", "u1"]),
        (-4, ["it would be quarantined as unknown_event_type"]),
        (-1, ["it would be quarantined as unparsable", "The mapping reads nothing"]),
    ],
)
def test_a_row_is_explained_before_it_is_cleaned(
    log: Path, capsys: pytest.CaptureFixture[str], line: int, told: list[str]
) -> None:
    file = log / f"{FIRST}.jsonl"
    number = line if line > 0 else len(file.read_text(encoding="utf-8").splitlines()) + 1 + line
    given = ["--file", str(file), "--line", str(number), "--show-values"]
    assert main(["explain-row", "--app", "tiny", "--date", str(FIRST), *given]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert [text for text in told if text not in shown and text != "visitorid"] == []


@pytest.mark.parametrize("extension", ["csv.gz", "parquet"])
def test_a_row_of_a_file_with_columns_is_explained(
    log: Path, extension: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTJAR__LOG__EXTENSION", extension)
    monkeypatch.setenv("NIGHTJAR__LOG__FORMAT", extension.removesuffix(".gz"))
    rows = pd.read_json(log / f"{FIRST}.jsonl", lines=True, nrows=3, convert_dates=False).astype(str)
    file = log / f"{FIRST}.{extension}"
    rows.to_parquet(file) if extension == "parquet" else rows.to_csv(file, index=False)
    as_text = ["--row", json.dumps(dict(rows.loc[1]))]
    given = as_text if extension == "parquet" else ["--file", str(file), "--line", "3"]
    assert main(["ingest_events", "--app", "tiny", "--date", str(FIRST)]) == 0
    assert main(["explain-row", "--app", "tiny", "--date", str(FIRST), *given, "--show-values"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "no rule over one row refuses it" in shown
    assert f"user_id {rows['visitorid'][1]} {rows['visitorid'][1]}" in shown


def test_a_row_that_is_not_there_is_refused(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    given = ["explain-row", "--app", "tiny", "--date", str(FIRST)]
    assert main([*given, "--row", "{nothing"]) == 2
    assert "no such row among the" in caplog.text
    assert main([*given[:-1], str(SECOND), "--row", "x"]) == 5
    assert main([*given, "--file", "x.jsonl"]) == 2


def test_a_mapping_that_does_not_fit_is_refused_though_the_file_is_ingested(
    log: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = ["ingest_events", "--app", "tiny", "--date", str(FIRST)]
    assert main(night) == 0
    assert "unchanged" in caplog.text
    monkeypatch.setenv("NIGHTJAR__LOG__COLUMNS__EVENT_TIME", "moment")
    assert main(night) == 4
    assert "has no column 'moment', which log.columns.event_time reads; it has: at, cost" in caplog.text


def test_a_damaged_file_of_the_lake_is_named(home: Path, log: Path, caplog: pytest.LogCaptureFixture) -> None:
    lake = Lake(Home(home, "tiny").lake)
    (file,) = lake.paths(lake.require("log_columns", FIRST, ""))
    file.write_bytes(file.read_bytes()[:-20])
    assert main(["ingest_events", "--app", "tiny", "--date", str(SECOND)]) == 8
    assert f"nightjar ingest_events --app tiny --date {FIRST} --again" in caplog.text


def test_dates_count_as_built_however_many_were_built_in_one_go(
    home: Path, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings("tiny")
    lake, stage = Lake(Home(home, "tiny").lake), stage_named("ingest_events")
    both = Night(settings, FIRST, SECOND)
    assert not is_built(stage, both, lake)
    assert main(["ingest_events", "--app", "tiny", "--date", str(SECOND)]) == 0
    assert is_built(stage, both, lake)
    run_stage(stage, Night(settings, SECOND, SECOND + timedelta(1)))
    assert is_built(stage, both, lake)
    assert is_built(stage, Night(settings, FIRST, FIRST), lake)
    # It was built together with a day that changed.
    with (log / f"{SECOND + timedelta(1)}.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("{broken\n")
    assert not is_built(stage, Night(settings, SECOND, SECOND), lake)


def test_copies_in_the_lake_stand_for_a_log_that_is_gone(home: Path, log: Path) -> None:
    settings = load_settings("tiny")
    lake, stage = Lake(Home(home, "tiny").lake), stage_named("ingest_events")
    first = Night(settings, FIRST, FIRST)
    log.rename(log.with_name("rotated"))
    assert is_built(stage, first, lake)
    other = settings.log.model_copy(update={"columns": {**settings.log.columns, "price": ColumnRule(column="price")}})
    assert is_built(stage, Night(settings.model_copy(update={"log": other}), FIRST, FIRST), lake)
    split = settings.log.model_copy(update={"day_from": "event_time"})
    assert not is_built(stage, Night(settings.model_copy(update={"log": split}), FIRST, FIRST), lake)


def in_csv(settings: Settings) -> Settings:
    """The app after its log became CSV."""
    return settings.model_copy(update={"log": settings.log.model_copy(update={"format": "csv", "extension": "csv"})})


def test_a_kept_file_is_read_in_the_format_in_which_it_came(home: Path, log: Path, spark: SparkSession) -> None:
    settings = load_settings("tiny")
    lake, stage = Lake(Home(home, "tiny").lake), stage_named("ingest_events")
    files, rows = ([lake.require(table, FIRST, "")] for table in ("raw_files", "raw_events"))
    before, now = (read_logs(spark, lake, each, files, rows)["clicks"] for each in (settings, in_csv(settings)))
    assert [frame.count() for frame in now] == [frame.count() for frame in before] != []
    assert {row.header for frame in now for row in frame.select("header").distinct().collect()} == {""}
    log.rename(log.with_name("rotated"))
    assert is_built(stage, Night(in_csv(settings), FIRST, FIRST), lake)


def test_a_file_that_would_be_read_otherwise_is_ingested_again(home: Path, log: Path) -> None:
    settings = load_settings("tiny")
    lake, stage = Lake(Home(home, "tiny").lake), stage_named("ingest_events")
    (log / f"{FIRST}.jsonl").rename(log / f"{FIRST}.csv")
    assert not is_built(stage, Night(in_csv(settings), FIRST, FIRST), lake)


def test_copies_have_names_of_their_own(home: Path, log: Path, spark: SparkSession) -> None:
    (log / f"{SECOND}.jsonl").rename(log / f"{SECOND}-[a:b] {{c}}*.jsonl")
    assert main(["ingest_events", "--app", "tiny", "--date", str(SECOND)]) == 0
    lake = Lake(Home(home, "tiny").lake)
    manifest = lake.require("raw_files", SECOND, "")
    (row,) = read_pandas(lake, RAW_FILES, manifest).to_dict("records")
    assert (row["name"], row["format"]) == (f"{SECOND}-[a:b] {{c}}*.jsonl", "jsonlines")
    assert row["kept_as"] == f"run_date={SECOND}/clicks/{SECOND}-0000.jsonl"
    (rows,) = read_logs(spark, lake, load_settings("tiny"), [manifest], [lake.require("raw_events", SECOND, "")])[
        "clicks"
    ]
    assert rows.count() > 0


@pytest.mark.parametrize("is_rotated", [False, True])
def test_of_the_calendar_only_the_night_s_own_dates_count(home: Path, log: Path, is_rotated: bool) -> None:
    settings = load_settings("tiny")
    lake, stage = Lake(Home(home, "tiny").lake), stage_named("ingest_events")
    if is_rotated:
        log.rename(log.with_name("rotated"))
    built = {}
    for closed in (SECOND, FIRST):
        calendar = settings.calendar.model_copy(update={"closed_days": (closed,)})
        night = Night(settings.model_copy(update={"calendar": calendar}), FIRST, FIRST)
        built[closed] = is_built(stage, night, lake)
    assert built == {SECOND: True, FIRST: False}
