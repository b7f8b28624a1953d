import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.__main__ import main
from jobs.core.config import Settings, load_settings
from jobs.core.config.load import project_folder
from jobs.core.errors import ConfigError

ORDERS = """CustomerID,StockCode,action,InvoiceDate,Qty,yes
17850.0,85123A,view,12/1/2010 8:26,1,no
17850.0,71053,buy,12/13/2010 9:02,6,no
13047.0,71053,returned_late,12/14/2010 9:02,6,no
"""


@pytest.fixture
def apps(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The apps' folder of a configuration of its own."""
    conf = tmp_path / "conf"
    shutil.copytree(project_folder() / "conf", conf)
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    return conf / "apps"


def columns_of(settings: Settings) -> dict[str, str | None]:
    return {name: rule.column for name, rule in settings.log.columns.items()}


def test_csv(apps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = tmp_path / "orders.csv"
    sample.write_text(ORDERS, encoding="utf-8")
    assert main(["init", "--app", "shop", "--sample", str(sample), "--time-zone", "Europe/London"]) == 0
    settings = load_settings("shop")
    assert columns_of(settings) == {
        "event_type": "action",
        "event_time": "InvoiceDate",
        "user_id": "CustomerID",
        "item_id": "StockCode",
        "quantity": "Qty",
    }
    assert settings.log.columns["user_id"].extract == "^([0-9]+)"
    assert settings.log.columns["item_id"].extract is None
    assert settings.log.event_types == {"view": "view", "buy": "purchase"}
    assert (settings.log.format, settings.log.extension, settings.log.path) == ("csv", "csv", str(tmp_path))
    assert (settings.log.time_format, settings.log.time_zone) == ("M/d/yyyy H:mm", "Europe/London")
    assert settings.schedule.first_day == date(2010, 12, 1)
    said = capsys.readouterr().out
    for wanted in ("'returned_late' (1 rows)", "<YYYY-MM-DD>.csv", "taken as Europe/London", "nightly_shop"):
        assert wanted in said
    assert "# returned_late: OURS" in (apps / "shop.yaml").read_text(encoding="utf-8")
    assert "# not read: 'yes'" in (apps / "shop.yaml").read_text(encoding="utf-8")


def test_json_lines_among_other_days(apps: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "input" / "music"
    folder.mkdir(parents=True)
    row = {"visitorid": "v1", "track_id": 7, "event": "listened", "ts": 1740960000000}
    for day in ("2025-03-01", "2025-03-02", "2025-03-04"):
        (folder / f"{day}.jsonl").write_text(json.dumps(row) + "\nbroken\n", encoding="utf-8")
    assert main(["init", "--app", "music", "--sample", str(folder / "2025-03-04.jsonl")]) == 0
    settings = load_settings("music")
    assert columns_of(settings) == {
        "event_type": "event",
        "event_time": "ts",
        "user_id": "visitorid",
        "item_id": "track_id",
    }
    assert settings.log.event_types == {"listened": "long_dwell"}
    assert settings.log.time_format == "epoch_ms"
    assert settings.log.path == str(folder)
    assert "path: '${NIGHTJAR_HOME}/input/music'" in (apps / "music.yaml").read_text(encoding="utf-8")
    assert settings.schedule.first_day == date(2025, 3, 1)
    assert settings.calendar.closed_days == (date(2025, 3, 3),)
    command = "nightjar backfill --app music --from 2025-03-01 --to 2025-03-02"
    assert f"{command}    # 2025-03-04, the newest day, is left to the first night" in capsys.readouterr().out


def test_parquet_moments_are_in_utc(apps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sample = tmp_path / "2025-03-02.parquet"
    moments = pa.array([datetime(2025, 3, 1, 20, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"user": ["u"], "sku": ["s"], "event_type": ["on"], "created_at": moments}), sample)
    assert main(["init", "--app", "web_shop", "--sample", str(sample), "--time-zone", "Asia/Tokyo"]) == 0
    settings = load_settings("web_shop")
    assert (settings.log.time_format, settings.log.time_zone) == ("iso", "UTC")
    assert settings.schedule.time_zone == "Asia/Tokyo"
    assert settings.log.event_types == {}
    assert "carry no offset" not in capsys.readouterr().out


def test_what_is_required_and_missing_is_said_and_stands_in_the_file(
    apps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "strange.csv"
    sample.write_text("colour,when\nred,soon\n", encoding="utf-8")
    assert main(["init", "--app", "strange", "--sample", str(sample)]) == 0
    with pytest.raises(ConfigError, match="no rule for event_type and event_time"):
        load_settings("strange")
    text, said = (apps / "strange.yaml").read_text(encoding="utf-8"), capsys.readouterr().out
    for name in ("event_type", "event_time", "user_id", "item_id"):
        assert f"# {name}: COLUMN" in text
        assert name in said
    assert "# first_day:" in text


def test_every_line_is_commented(apps: Path, tmp_path: Path) -> None:
    sample = tmp_path / "orders.csv"
    sample.write_text(ORDERS, encoding="utf-8")
    main(["init", "--app", "shop", "--sample", str(sample)])
    lines = (apps / "shop.yaml").read_text(encoding="utf-8").splitlines()
    assert all("#" in line for line in lines if line)


def test_a_file_is_replaced_only_by_force(apps: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sample = tmp_path / "orders.csv"
    sample.write_text(ORDERS, encoding="utf-8")
    before = (apps / "sample.yaml").read_text(encoding="utf-8")
    assert main(["init", "--app", "sample", "--sample", str(sample)]) == 2
    assert "--force" in caplog.text
    assert (apps / "sample.yaml").read_text(encoding="utf-8") == before
    assert main(["init", "--app", "sample", "--sample", str(sample), "--force"]) == 0
    assert (apps / "sample.yaml").read_text(encoding="utf-8") != before


@pytest.mark.parametrize("name", ["missing.csv", "log.txt"])
def test_a_file_that_is_missing_or_of_no_known_format_is_refused(name: str, apps: Path, tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("a", encoding="utf-8")
    assert main(["init", "--app", "shop", "--sample", str(tmp_path / name)]) == 2
    assert not (apps / "shop.yaml").exists()


@pytest.mark.parametrize("wrong", [["--app", "Shop"], ["--app", "shop", "--time-zone", "Mars/Olympus"]])
def test_a_wrong_name_or_zone_is_refused(wrong: list[str], apps: Path) -> None:
    with pytest.raises(SystemExit):
        main(["init", "--sample", "x.csv", *wrong])
