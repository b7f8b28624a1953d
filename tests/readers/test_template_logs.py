"""A few hand-made rows of each template's shape: raw, mapped, and the event columns that were meant."""

from datetime import date, datetime
from pathlib import Path

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.commands.templates import template_files
from jobs.core.config import Settings, load_settings
from jobs.core.config.load import project_folder
from jobs.core.schemas import MAPPABLE
from jobs.readers.log_files import SourceFiles
from jobs.readers.registry import file_headers, read_raw
from jobs.transforms.arrival import place_by_event_time
from jobs.transforms.mapping import map_columns
from jobs.transforms.times import to_utc

FIXTURES = Path(__file__).with_name("fixtures")
DAY = date(2025, 1, 1)
SHOP = {"currency": "USD", "platform": "web"}
UK = {"country": "United Kingdom", "currency": "GBP", "platform": "web"}

# The event columns of each row, its time in UTC; a row that is none is left out.
EXPECTED: dict[str, list[dict[str, object]]] = {
    "clickstream": [
        {"event_type": "view", "at": "2015-06-02 05:02:12.117", "user_id": "257597", "item_id": "355908"},
        {"event_type": "add_to_cart", "at": "2015-06-02 05:50:14.164", "user_id": "992329", "item_id": "248676"},
        {
            "event_type": "purchase",
            "at": "2015-06-02 05:17:56.276",
            "user_id": "599528",
            "item_id": "356475",
            "order_id": "4000",
        },
        {"at": "2015-06-02 05:17:56.276", "user_id": "599528", "item_id": "356475"},
    ],
    "shop": [
        {"event_type": kind, "at": f"2019-10-01 00:00:{at}", "user_id": user, "item_id": item, "price": price, **SHOP}
        for kind, at, user, item, price in (
            ("view", "00", "541312140", "44600062", "35.79"),
            ("add_to_cart", "04", "535871217", "1004237", "1081.98"),
            ("dismiss", "11", "535871217", "1004237", "1081.98"),
            ("purchase", "19", "551377651", "1005161", "211.92"),
        )
    ],
    "ratings": [
        {"event_type": "like", "at": "2006-05-17 15:34:04", "user_id": "1", "item_id": "296", "value": "5.0"},
        {"event_type": "view", "at": "2006-05-17 12:26:57", "user_id": "1", "item_id": "306", "value": "3.5"},
        {"event_type": "dismiss", "at": "2006-05-17 12:27:08", "user_id": "2", "item_id": "307", "value": "0.5"},
    ],
    "sessions": [
        {"event_type": "view", "at": "2014-04-07 09:09:09.277", "anonymous_id": "1", "item_id": "214536502"},
        {"event_type": "view", "at": "2014-04-07 09:10:14", "anonymous_id": "1", "item_id": "214536500"},
        {"event_type": "view", "anonymous_id": "2", "item_id": "214662742"},
    ],
    "online_retail": [
        {
            "event_type": "purchase",
            "at": "2010-12-01 08:26:00",
            "user_id": "17850",
            "item_id": "85123A",
            "quantity": "6",
            "price": "2.55",
            **UK,
        },
        {
            "event_type": "cancel",
            "at": "2010-12-01 09:41:00",
            "user_id": "14527",
            "item_id": "D",
            "quantity": "-1",
            "price": "27.5",
            **UK,
        },
        {
            "event_type": "purchase",
            "at": "2010-12-01 11:52:00",
            "item_id": "22139",
            "quantity": "56",
            "price": "0.0",
            **UK,
        },
    ],
    "sample": [
        {
            "event_id": "e1",
            "event_type": "purchase",
            "at": "2025-01-01 10:00:00.5",
            "user_id": "u1",
            "device_id": "d1",
            "item_id": "i1",
            "price": "12.5",
            "currency": "EUR",
            "quantity": "2",
            "platform": "ios",
            "country": "DE",
            "time_zone": "Europe/Berlin",
            "schema_version": "3",
        },
        {
            "event_id": "e2",
            "event_type": "search",
            "at": "2025-01-01 10:00:01",
            "anonymous_id": "a1",
            "search_query": "red shoes",
            "surface": "home",
        },
    ],
}


def settings_of(template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The template as an app."""
    conf, file = tmp_path / "conf", template_files()[template]
    (conf / "apps").mkdir(parents=True)
    for name in ("base.yaml", "local.yaml"):
        (conf / name).write_bytes((project_folder() / "conf" / name).read_bytes())
    (conf / "apps" / file.name).write_bytes(file.read_bytes())
    monkeypatch.setenv("NIGHTJAR_CONF", str(conf))
    return load_settings(template)


def test_every_template_has_rows() -> None:
    assert set(EXPECTED) == set(template_files()) == {path.stem for path in FIXTURES.iterdir()}


@pytest.mark.parametrize("template", sorted(EXPECTED))
def test_rows_become_the_events_that_were_meant(
    spark: SparkSession, template: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(template, tmp_path, monkeypatch)
    name, log = next(iter(settings.sources.items()))
    path = FIXTURES / f"{template}.{log.extension}"
    files = SourceFiles(undated=(path,)) if log.day_from == "event_time" else SourceFiles({DAY: (path,)})
    headers = {name: file_headers(files, log)}
    raw = read_raw(spark, [(settings.sources[name], files)])
    placed = place_by_event_time(raw, settings, headers, settings.schedule.first_day, date(2030, 1, 1))
    mapped = map_columns(placed, log, headers[name]).withColumn(
        "at", to_utc(F.col("event_time"), log.time_format, log.time_zone).cast("string")
    )
    columns = [column for column in MAPPABLE if column != "event_time"] + ["at"]
    rows = [row.asDict() for row in mapped.filter("is_parsed").select("run_date", *columns).collect()]
    found = [{column: row[column] for column in columns if row[column] is not None} for row in rows]
    assert found == EXPECTED[template]
    if log.day_from == "event_time":
        days = [
            datetime.fromisoformat(row["at"]).date() if row["at"] else settings.schedule.first_day for row in rows
        ]
        assert [row["run_date"] for row in rows] == days
