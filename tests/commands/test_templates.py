"""Templates: each reads a log of its shape, and a sample of another shape changes what it has to."""

import gzip
import shutil
from datetime import date
from pathlib import Path

import pytest

from jobs.__main__ import main
from jobs.commands.templates import template_files, template_lines
from jobs.core.config import Settings, load_settings
from jobs.core.config.load import project_folder


@pytest.fixture
def apps(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The apps' folder of a configuration of its own."""
    conf = tmp_path / "conf"
    shutil.copytree(project_folder() / "conf", conf)
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    return conf / "apps"


def init(template: str, sample: Path | None = None, *more: str) -> Settings:
    """The app `mine`, made from a template."""
    given = ["--sample", str(sample)] if sample else []
    assert main(["init", "--app", "mine", "--template", template, *given, *more]) == 0
    return load_settings("mine")


def columns_of(settings: Settings) -> dict[str, str | None]:
    return {name: rule.column for name, rule in settings.log.columns.items()}


@pytest.mark.parametrize("template", sorted(template_files()))
def test_a_template_alone_is_the_app_but_for_its_name(template: str, apps: Path) -> None:
    file = template_files()[template]
    (apps / f"{template}.yaml").write_bytes(file.read_bytes())
    expected = load_settings(template)
    # Further logs are an example: they stay in the file, and are none.
    assert init(template) == expected.model_copy(update={"app": "mine", "logs": {}})
    text = (apps / "mine.yaml").read_text(encoding="utf-8")
    assert text.startswith(f"# mine: from the template {template}. ")
    assert ("# logs:\n#   items:" in text) == bool(expected.logs)


def test_each_template_has_a_line_in_the_help(apps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["init", "--help"])
    said = capsys.readouterr().out
    lines = list(template_lines())
    names = ["clickstream", "online_retail", "ratings", "sample", "sessions", "shop"]
    assert [line.split()[0] for line in lines] == names
    assert all(line in said and len(line.split()) > 5 for line in lines)


def test_a_sample_of_the_same_shape_changes_where_and_since_when(
    apps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "events.csv"
    sample.write_text("timestamp,visitorid,event,itemid,transactionid\n1740960000000,1,view,2,\n")
    settings = init("clickstream", sample, "--time-zone", "Asia/Tokyo")
    assert settings.schedule.first_day == date(2025, 3, 3)
    assert settings.schedule.time_zone == "Asia/Tokyo"
    assert (settings.log.path, settings.log.day_from) == (str(sample), "event_time")
    text = (apps / "mine.yaml").read_text(encoding="utf-8")
    assert "# one file, or a folder of files" in text
    assert "The sample differs" not in capsys.readouterr().out


def test_a_sample_of_another_shape_is_fitted_and_said(
    apps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "2025-03-03.csv"
    sample.write_text(
        "ts,visitorid,event,sku,qty,shade\n"
        "2025-03-03T10:00:00Z,1,view,2,1,red\n"
        "2025-03-03T10:00:00Z,1,buy,2,1,red\n"
        "2025-03-03T10:00:00Z,1,sniff,2,1,red\n"
    )
    settings = init("clickstream", sample)
    assert columns_of(settings) == {
        "event_type": "event",
        "event_time": "ts",
        "user_id": "visitorid",
        "item_id": "sku",
        "quantity": "qty",
    }
    log = settings.log
    assert log.event_types == {
        "view": "view",
        "addtocart": "add_to_cart",
        "transaction": "purchase",
        "buy": "purchase",
    }
    assert (log.time_format, log.day_from, log.path, log.format) == ("iso", "path", str(tmp_path), "csv")
    said = " ".join(capsys.readouterr().out.split())
    for sentence in (
        "event_time is read from 'ts'; the template's 'timestamp' is not in the sample",
        "item_id is read from 'sku'; the template's 'itemid' is not in the sample",
        "order_id is left out: 'transactionid' is not in the sample",
        "quantity is read from 'qty', which the template does not have",
        "event type 'buy' is taken as purchase",
        "event type 'sniff' (1 rows) is none of ours",
        "time_format is 'iso'; the template's 'epoch_ms' does not fit",
        "columns that nothing reads: shade",
    ):
        assert sentence in said
    text = (apps / "mine.yaml").read_text(encoding="utf-8")
    assert "# not in the sample: order_id: transactionid" in text
    assert "# sniff: OURS" in text


def test_a_rule_keeps_all_but_its_column(apps: Path, tmp_path: Path) -> None:
    sample = tmp_path / "2010-12-01.csv"
    sample.write_text(
        "InvoiceNo,SKU,Quantity,InvoiceDate,UnitPrice,Customer,Country\nC1,a,1,2010-12-01 08:26:00,1,7,UK\n"
    )
    settings = init("online_retail", sample)
    assert settings.log.time_format == "yyyy-MM-dd HH:mm:ss"
    rule = settings.log.columns["user_id"]
    assert (rule.column, rule.extract) == ("Customer", "^([0-9]+)")
    assert settings.log.columns["event_type"].patterns == {"^C": "cancellation", "^": "order"}
    assert settings.log.columns["item_id"].column == "SKU"
    assert len(settings.calendar.closed_days) == 16


def test_times_with_decimals_say_the_first_day(apps: Path, tmp_path: Path) -> None:
    sample = tmp_path / "clicks.csv"
    sample.write_text("SessionId,ItemId,Time\ns,i,1430629200.000\n")
    settings = init("sessions", sample)
    assert (settings.schedule.first_day, settings.log.time_format) == (date(2015, 5, 3), "epoch_s")


def test_patterns_and_times_that_read_nothing_of_the_sample_are_said(
    apps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "events.csv"
    sample.write_text("timestamp,visitorid,event,itemid\nsoon,1,view,2\nsoon,1,view,3\n")
    settings = init("ratings", sample)
    said = capsys.readouterr().out
    assert (
        "event_type: none of 2 values of 'event' in the sample match the template's patterns ^[45], ^[0-2], ^3;"
        in said
    )
    assert "neither the template's 'epoch_s' nor another format known here reads 'soon'" in said
    assert "schedule.first_day is still the template's" in said
    assert settings.schedule.first_day == date(1995, 1, 9)


def test_a_gzipped_sample(apps: Path, tmp_path: Path) -> None:
    sample = tmp_path / "2019-Oct.csv.gz"
    header = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"
    sample.write_bytes(gzip.compress(f"{header}2019-10-05 00:00:00 UTC,cart,1,2,a.b,c,3.5,4,s\n".encode()))
    settings = init("shop", sample)
    assert (settings.log.extension, settings.log.path, settings.log.time_format) == ("csv.gz", str(sample), "iso")
    assert settings.schedule.first_day == date(2019, 10, 5)


def test_neither_sample_nor_template_is_refused(apps: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert main(["init", "--app", "mine"]) == 2
    assert "give a file of the log with --sample, a --template to start from, or both" in caplog.text
