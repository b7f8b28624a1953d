"""From raw rows to event columns by the app's mapping."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from app import DAY, app_settings
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F
from spark_properties import spark_property

from jobs.core.raw_format import FIELD_SEPARATOR, NULL_MARK, field_name, header_text
from jobs.core.schemas import MAPPABLE, MAPPABLE_BY_KIND
from jobs.transforms.mapping import MARKS, RAW_AS_JSON, map_columns

RULES = {
    "event_id": "id",
    "event_type": {"column": "order", "patterns": {"^C": "back", "^": "buy"}},
    "event_time": "at",
    "user_id": {"column": "who", "extract": "^([0-9]+)"},
    "item_id": "what.id",
    "platform": {"constant": "web"},
}
TYPES = {"buy": "purchase", "back": "cancel"}
NAMES = ("id", "order", "at", "who", "what.id")
SCHEMA = "run_date date, source string, header string, raw string, source_file string"


def raw_rows(spark: SparkSession, rows: Sequence[tuple[str, str]]) -> DataFrame:
    """Rows of a header and a text."""
    return spark.createDataFrame([(DAY, "app", header, raw, "f") for header, raw in rows], SCHEMA)


def packed(*fields: str | None, names: Sequence[str] = NAMES) -> tuple[str, str]:
    """A row of a file with a header."""
    return header_text(names), FIELD_SEPARATOR.join(NULL_MARK if field is None else field for field in fields)


def mapped(spark: SparkSession, rows: Sequence[str | tuple[str, str]], **log: Any) -> list[Row]:
    """The rows, mapped, in their order."""
    pairs = [("", row) if isinstance(row, str) else row for row in rows]
    has_header = any(header for header, _ in pairs)
    own = {"columns": RULES, "event_types": TYPES, "format": "csv" if has_header else "jsonlines", **log}
    log_settings = app_settings(**own).log
    found = {(row["header"], row["raw"]): row for row in map_columns(raw_rows(spark, pairs), log_settings).collect()}
    return [found[pair] for pair in pairs]


def filled(row: Row) -> dict[str, str]:
    return {name: row[name] for name in MAPPABLE if row[name] is not None}


def test_rules_for_json(spark: SparkSession) -> None:
    full, empty = mapped(
        spark,
        [
            '{"id": 7, "order": "C1", "at": " noon ", "who": "17850.0", "what.id": {"a": [1]}, "platform": "ios"}',
            '{"id": null, "order": "", "at": "  ", "who": "guest"}',
        ],
    )
    assert filled(full) == {
        "event_id": "7",
        "event_type": "cancel",
        "event_time": "noon",
        "user_id": "17850",
        "item_id": '{"a":[1]}',
        "platform": "web",
    }
    assert filled(empty) == {"platform": "web"}
    assert [full["is_parsed"], empty["is_parsed"]] == [True, True]
    assert full["source_file"] == "f"


def test_rules_for_rows_of_a_header(spark: SparkSession) -> None:
    full, empty = mapped(spark, [packed("7", "C1", " noon ", "17850.0", "i"), packed(None, "", "  ", "guest", None)])
    assert filled(full) == {
        "event_id": "7",
        "event_type": "cancel",
        "event_time": "noon",
        "user_id": "17850",
        "item_id": "i",
        "platform": "web",
    }
    assert filled(empty) == {"platform": "web"}
    assert [full["is_parsed"], empty["is_parsed"]] == [True, True]


def test_rules_for_rows_with_columns_of_their_own(spark: SparkSession) -> None:
    log = app_settings(columns=RULES, event_types=TYPES).log
    values = {"id": "'7'", "order": "'C1'", "at": "'  '", "what.id": "CAST(NULL AS string)"}
    pairs = ", ".join(f"'{field_name(name)}', {value}" for name, value in values.items())
    fields = f"named_struct({pairs}) AS fields"
    rows = raw_rows(spark, [('["id"]', "7"), ("", "7,8,9")]).selectExpr("*", fields)
    row, broken = map_columns(rows, log).orderBy("header", ascending=False).collect()
    assert filled(row) == {"event_id": "7", "event_type": "cancel", "platform": "web"}
    assert (row["is_parsed"], broken["is_parsed"]) == (True, False)


def test_each_header_has_its_own_places(spark: SparkSession) -> None:
    rows = [packed("1", "o", "t", "2", "i"), packed("9", "7", "x", names=("who", "id", "it's $ `new`"))]
    one, other = mapped(spark, rows)
    assert (one["event_id"], one["user_id"], one["item_id"]) == ("1", "2", "i")
    assert (other["event_id"], other["user_id"], other["item_id"]) == ("7", "9", None)


def test_a_row_without_the_fields_of_its_header_is_not_parsed(spark: SparkSession) -> None:
    broken = [packed("7", "C1"), packed("7", "C1", "at", "1", f"i{FIELD_SEPARATOR}j"), ("", "7,C1"), ("", '{"id":1}')]
    rows = mapped(spark, [*broken, packed("7", "", "", "", "")], format="csv")
    assert [row["is_parsed"] for row in rows] == [False] * len(broken) + [True]
    assert all(row["event_id"] is None for row in rows[: len(broken)])


def test_what_is_not_exactly_one_object_is_not_parsed(spark: SparkSession) -> None:
    broken = ['{"id": 1', "1,2", "", "5", '"x"', "null", "[]", '[{"id": 1}]']
    broken += ['{"id": 1}{"id": 2}', '{"id": 1},{"id": 2}', '{"id": 1} x']
    rows = mapped(spark, [*broken, ' {"id": 1} ', "{}"])
    assert [row["is_parsed"] for row in rows] == [False] * len(broken) + [True, True]
    assert all(row["event_id"] is None for row in rows[: len(broken)])


def test_the_first_pattern_that_matches_counts(spark: SparkSession) -> None:
    cancelled, bought = mapped(spark, ['{"order": "C1"}', '{"order": "1C"}'])
    assert (cancelled["event_type"], bought["event_type"]) == ("cancel", "purchase")


def test_values_come_last_and_leave_out_what_they_do_not_name(spark: SparkSession) -> None:
    columns = {
        **RULES,
        "country": {"column": "land", "extract": "^(..)", "values": {"de": "Germany", "it's": "x"}},
        "locale": {"constant": "a", "values": {"a": "b"}},
    }
    rows = mapped(spark, ['{"land": "de-AT"}', '{"land": "fr"}', "{}"], columns=columns)
    assert [(row["country"], row["locale"]) for row in rows] == [("Germany", "b"), (None, "b"), (None, "b")]


def test_a_type_that_the_app_does_not_name_is_null(spark: SparkSession) -> None:
    columns = {"event_type": "t", "event_time": "at"}
    rows = mapped(spark, ['{"t": "seen"}', '{"t": "view"}'], columns=columns, event_types={"seen": "view"})
    assert [row["event_type"] for row in rows] == ["view", None]
    rows = mapped(spark, ['{"t": "seen"}', '{"t": "view"}'], columns=columns, event_types={})
    assert [row["event_type"] for row in rows] == ["seen", "view"]


def test_regular_expressions_are_taken_as_they_are_written(spark: SparkSession) -> None:
    columns = {**RULES, "user_id": {"column": "who", "extract": r"^'\\(\d+)\$$"}}
    (row,) = mapped(spark, [packed("1", "o", "t", "'\\42$", "i")], columns=columns)
    assert row["user_id"] == "42"


def test_filters_say_what_is_meant(spark: SparkSession) -> None:
    filters = [{"column": "shop", "matches": "^(nl|de)$"}, {"column": "what.id", "matches": "^x", "drop": True}]
    lines = [
        '{"shop": " de "}',
        '{"shop": "fr"}',
        "{}",
        '{"shop": "nl", "what.id": "x1"}',
        '{"shop": "nl", "what.id": "1"}',
    ]
    assert [row["is_meant"] for row in mapped(spark, lines, filters=filters)] == [True, False, False, False, True]
    assert [row["is_meant"] for row in mapped(spark, lines)] == [True] * len(lines)


def test_what_only_testers_send_is_marked(spark: SparkSession) -> None:
    lines = ['{"who": "99"}', '{"who": "1"}', '{"id": "test-1"}', "{}"]
    rows = mapped(spark, lines, test_traffic={"user_id": "^99", "event_id": "test"})
    assert [row["is_test"] for row in rows] == [True, False, True, False]
    assert not any(row["is_test"] for row in mapped(spark, lines))


@pytest.mark.parametrize("kind", sorted(MAPPABLE_BY_KIND))
def test_columns_depend_on_the_kind_alone(spark: SparkSession, kind: str) -> None:
    needed = {"events": {"event_type": "t", "event_time": "at"}, "items": {"item_id": "i"}, "users": {"user_id": "u"}}
    for columns in (needed[kind], {name: {"constant": "c"} for name in needed[kind]}):
        log = app_settings(kind=kind, columns=columns, event_types={}).log
        frame = map_columns(raw_rows(spark, []), log)
        assert frame.columns == [
            "run_date",
            "source",
            "header",
            "raw",
            "source_file",
            *MARKS,
            *MAPPABLE_BY_KIND[kind],
        ]


def test_a_row_is_shown_as_json(spark: SparkSession) -> None:
    rows = [
        packed("1", None, 'q"', "", "é", names=("id", "none", "quoted", "empty", "it's")),
        packed("1", "2", names=("id",)),
        ("", "7,8"),
        ("", '{"id": 1}'),
    ]
    shown = [row["shown"] for row in raw_rows(spark, rows).select(F.expr(RAW_AS_JSON).alias("shown")).collect()]
    assert shown == [
        '{"id":"1","quoted":"q\\"","empty":"","it\'s":"é"}',
        f"1{FIELD_SEPARATOR}2",
        "7,8",
        '{"id": 1}',
    ]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=FIELD_SEPARATOR + NULL_MARK), max_size=6)


@spark_property(often=15)
@given(rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=10, max_size=60, unique=True))
def test_json_and_headers_say_the_same(spark: SparkSession, rows: list[tuple[str, str]]) -> None:
    columns = {"event_type": "a", "event_time": "b"}
    lines = [json.dumps({"a": a, "b": b}) for a, b in rows]
    fields = [packed(b, a, names=("b", "a")) for a, b in rows]
    of_json = mapped(spark, lines, columns=columns, event_types={})
    of_fields = mapped(spark, fields, columns=columns, event_types={})
    expected = [(a.strip(" ") or None, b.strip(" ") or None) for a, b in rows]
    assert [(row["event_type"], row["event_time"]) for row in of_json] == expected
    assert [(row["event_type"], row["event_time"]) for row in of_fields] == expected
