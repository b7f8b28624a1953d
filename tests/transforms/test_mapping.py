"""From raw text to event columns by the app's mapping."""

import pytest
from app import app_settings, raw_frame
from pyspark.sql import Row, SparkSession

from jobs.core.schemas import MAPPABLE
from jobs.transforms.mapping import map_columns

RULES = {
    "event_id": "id",
    "event_type": {"column": "order", "patterns": {"^C": "back", "^": "buy"}},
    "event_time": "at",
    "user_id": {"column": "who", "extract": "^([0-9]+)"},
    "item_id": "what.id",
    "platform": {"constant": "web"},
}
TYPES = {"buy": "purchase", "back": "cancel"}


def mapped(spark: SparkSession, lines: list[str], **log: object) -> list[Row]:
    settings = app_settings(columns=RULES, event_types=TYPES, **log)
    rows = {row["raw"]: row for row in map_columns(raw_frame(spark, lines), settings.log).collect()}
    return [rows[text] for text in lines]


def test_rules(spark: SparkSession) -> None:
    full, empty = mapped(
        spark,
        [
            '{"id": 7, "order": "C1", "at": " noon ", "who": "17850.0", "what.id": {"a": [1]}, "platform": "ios"}',
            '{"id": null, "order": "", "at": "  ", "who": "guest"}',
        ],
    )
    assert {name: full[name] for name in MAPPABLE if full[name] is not None} == {
        "event_id": "7",
        "event_type": "cancel",
        "event_time": "noon",
        "user_id": "17850",
        "item_id": '{"a":[1]}',
        "platform": "web",
    }
    assert {name: empty[name] for name in MAPPABLE if empty[name] is not None} == {"platform": "web"}
    assert [full["is_parsed"], empty["is_parsed"]] == [True, True]
    assert full["source_file"] == "f"


def test_the_first_pattern_that_matches_counts(spark: SparkSession) -> None:
    cancelled, bought = mapped(spark, ['{"order": "C1"}', '{"order": "1C"}'])
    assert (cancelled["event_type"], bought["event_type"]) == ("cancel", "purchase")


def test_a_type_that_the_app_does_not_name_is_null(spark: SparkSession) -> None:
    settings = app_settings(columns={"event_type": "t", "event_time": "at"}, event_types={"seen": "view"})
    rows = map_columns(raw_frame(spark, ['{"t": "seen"}', '{"t": "view"}']), settings.log).collect()
    assert {row["raw"]: row["event_type"] for row in rows} == {'{"t": "seen"}': "view", '{"t": "view"}': None}


def test_what_is_not_exactly_one_object_is_not_parsed(spark: SparkSession) -> None:
    broken = ['{"id": 1', "1,2", "", "5", '"x"', "null", "[]", '[{"id": 1}]']
    broken += ['{"id": 1}{"id": 2}', '{"id": 1},{"id": 2}', '{"id": 1} x']
    rows = mapped(spark, [*broken, ' {"id": 1} ', "{}"])
    assert [row["is_parsed"] for row in rows] == [False] * len(broken) + [True, True]
    assert all(row["event_id"] is None for row in rows[: len(broken)])


@pytest.mark.parametrize("event_types", [{}, TYPES])
def test_columns_do_not_depend_on_the_app(spark: SparkSession, event_types: dict[str, str]) -> None:
    settings = app_settings(columns={"event_type": "t", "event_time": "at"}, event_types=event_types)
    frame = map_columns(raw_frame(spark, []), settings.log)
    assert frame.columns == ["run_date", "source", "raw", "source_file", "is_parsed", *MAPPABLE]
