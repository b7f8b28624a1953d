"""Kinds of dirt in a row, each made on purpose, and where each ends.

A kind's lines carry its name as (part of) their event id, so that they are found again. `ends` says where the
lines end, in their order of arrival: ``clean``, ``duplicate <kind>`` or the reason of the quarantine.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dirty_app import line


@dataclass(frozen=True)
class RowKind:
    """One kind of dirt: its name, its lines, and the place in the ledger and number of rows of each end."""

    name: str
    lines: tuple[str, ...]
    ends: dict[str, int]


def _one(name: str, text: str, end: str) -> RowKind:
    return RowKind(name, (text,), {"clean": 1} if end == "clean" else {f"quarantined {end}": 1})


def _changed(end: str, **kinds: dict[str, object]) -> Iterator[RowKind]:
    """Kinds that are a good row with some fields changed."""
    for name, fields in kinds.items():
        yield _one(name, line(name, **{"user": name, **fields}), end)


_LONG = "a" * 100_000

NO_JSON = (
    _one("cut_line", '{"id":"cut_line","type":"view","ts":"2025-03-03T1', "unparsable"),
    _one("no_json", "GET /index.html 200 no_json", "unparsable"),
    _one("html_page", "<html><body>502 html_page</body></html>", "unparsable"),
    _one("json_text", '"json_text"', "unparsable"),
    _one("json_number", "20250303", "unparsable"),
    _one("json_null", "null", "unparsable"),
    _one("json_list", '["json_list", "view"]', "unparsable"),
    _one("two_objects", line("two_objects") + line("two_objects-b"), "unparsable"),
    _one("text_after_object", line("text_after_object") + " trailing", "unparsable"),
    _one("single_quotes_missing_comma", '{"id":"single_quotes_missing_comma" "type":"view"}', "unparsable"),
    _one("zero_bytes", "\x00\x00\x00zero_bytes", "unparsable"),
)

WRONG_TYPES = (
    *_changed(
        "unknown_event_type",
        unknown_type={"type": "heartbeat"},
        no_type={"type": None},
        empty_type={"type": ""},
        type_in_capitals={"type": "VIEW"},
        type_of_another_app={"type": "add_to_basket"},
    ),
)

WRONG_TIMES = (
    *_changed("missing_time", no_time={"ts": None}, empty_time={"ts": ""}, blank_time={"ts": "   "}),
    *_changed(
        "bad_time",
        word_for_time={"ts": "yesterday"},
        month_thirteen={"ts": "2025-13-45T99:99:99Z"},
        thirtieth_of_february={"ts": "2025-02-30T10:00:00Z"},
        hour_25={"ts": "2025-03-03T25:00:00Z"},
        bare_year={"ts": "2025"},
        bare_hour={"ts": "10:30"},
        epoch_in_iso_log={"ts": "1740996000"},
        american_date={"ts": "03/03/2025 10:00"},
        unknown_zone={"ts": "2025-03-03T10:00:00 Mars/Olympus"},
    ),
    *_changed(
        "from_the_future",
        next_day={"ts": "2025-03-04T00:00:00Z"},
        far_year={"ts": "2099-03-03T10:00:00Z"},
        next_day_by_offset={"ts": "2025-03-03T22:00:00-05:00"},
    ),
    *_changed(
        "too_late",
        three_days_late={"ts": "2025-02-28T23:59:59Z"},
        clock_at_zero={"ts": "1970-01-01T00:00:00Z"},
        year_one={"ts": "0001-01-01T00:00:00Z"},
    ),
)

WHO_AND_WHAT = (
    *_changed("missing_visitor", nobody={"user": None}, blank_user={"user": " "}, null_text_user={"user": ""}),
    *_changed("missing_item", no_item={"item": None}, empty_item={"item": ""}, blank_item={"item": "  "}),
    *_changed("not_a_product", postage={"item": "POST"}),
    *_changed("filtered", row_of_another_app={"app": "other"}),
    *_changed("test_traffic", tester={"user": "test-7"}),
    *_changed("schema_too_new", next_schema={"schema": 4}, schema_of_words={"schema": "new"}),
)

WRONG_NUMBERS = (
    *_changed(
        "bad_quantity",
        nothing_bought={"type": "purchase", "price": 1, "qty": 0},
        negative_purchase={"type": "purchase", "price": 1, "qty": -2},
        quantity_in_words={"type": "purchase", "price": 1, "qty": "two"},
        half_a_piece={"type": "purchase", "price": 1, "qty": 1.5},
        quantity_too_large={"type": "purchase", "price": 1, "qty": 1_000_000},
        quantity_beyond_long={"type": "purchase", "price": 1, "qty": "9" * 30},
        refund_of_the_smallest_long={"type": "refund", "qty": -(2**63)},
        refund_of_nearly_the_smallest_long={"type": "refund", "qty": -(2**63) + 1},
    ),
    *_changed(
        "bad_price",
        negative_price={"price": -3.5},
        price_in_words={"price": "free"},
        price_with_sign={"price": "EUR 3.50"},
        price_not_a_number={"price": "NaN"},
        price_infinite={"price": "Infinity"},
        price_too_large={"price": 1_000_000},
        purchase_for_nothing={"type": "purchase", "price": 0},
    ),
    *_changed("bad_currency", currency_in_words={"currency": "euro"}, currency_sign={"currency": "€"}),
    *_changed("bad_value", value_in_words={"value": "many"}),
    *_changed("bad_dwell", negative_dwell={"dwell": -1}, dwell_of_a_year={"dwell": 31_536_000_000}),
    *_changed("bad_position", negative_position={"pos": -1}, position_in_words={"pos": "top"}),
    *_changed(
        "bad_propensity",
        impossible_propensity={"chance": 1.5},
        propensity_of_none={"chance": 0},
        propensity_no_number={"chance": "NaN"},
    ),
)

HARMLESS = (
    *_changed(
        "clean",
        two_days_late={"ts": "2025-03-01T00:00:00Z"},
        first_moment={"ts": "2025-03-03T00:00:00.000Z"},
        last_moment={"ts": "2025-03-03T23:59:59.999999Z"},
        other_offset={"ts": "2025-03-04T01:00:00+02:00"},
        anonymous={"user": None, "anon": "a-7"},
        device_only={"user": None, "device": "d-7"},
        free_to_look_at={"price": 0},
        number_as_text={"price": " 3.50 ", "qty": "2"},
        whole_number_with_point={"type": "purchase", "price": 1, "qty": "6.0"},
        refund_written_negative={"type": "refund", "qty": -2},
        blanks_around={"user": "  blanks_around  ", "type": " view "},
        field_nobody_reads={"new_field": {"deep": [1, {"er": None}]}},
        sign_in_without_item={"type": "sign_in", "item": None},
        item_with_quotes={"item": "i'1\"; DROP TABLE events; --"},
        item_with_dollar={"item": "${NIGHTJAR_HOME} $1 \\1"},
        item_in_kanji={"item": "寿司🍣"},
        item_right_to_left={"item": "\u202ei1"},
        query_with_line_end={"type": "search", "query": "two\nlines\r\n"},
        query_with_our_own_signs={"type": "search", "query": "a\u001fb\u001ec"},
        query_of_a_novel={"type": "search", "query": _LONG},
        certain_propensity={"chance": 1},
        old_schema={"schema": 1},
    ),
    _one(
        "blanks_between",
        '  { "id" : "blanks_between" , "type":"view","ts":"2025-03-03T10:00:00Z","user":"b","item":"i1" }  ',
        "clean",
    ),
)

COPIES = (
    RowKind("sent_twice", (line("sent_twice", user="s2"),) * 2, {"clean": 1, "duplicate exact": 1}),
    RowKind("sent_five_times", (line("sent_five_times", user="s5"),) * 5, {"clean": 1, "duplicate exact": 4}),
    RowKind(
        "same_id_other_time",
        (
            line("same_id_other_time", user="s3"),
            line("same_id_other_time", user="s3", ts="2025-03-03T10:00:09Z"),
        ),
        {"clean": 1, "duplicate same_id": 1},
    ),
    RowKind(
        "same_id_broken_copy",
        (line("same_id_broken_copy", user="s4"), line("same_id_broken_copy", user="s4", price="free")),
        {"clean": 1, "quarantined bad_price": 1},
    ),
    RowKind(
        "broken_sent_twice",
        (line("broken_sent_twice", ts="never"),) * 2,
        {"quarantined bad_time": 1, "duplicate exact": 1},
    ),
    RowKind(
        "pressed_twice",
        (
            line("pressed_twice-1", user="s6", ts="2025-03-03T11:00:00.000Z"),
            line("pressed_twice-2", user="s6", ts="2025-03-03T11:00:00.400Z"),
        ),
        {"clean": 1, "duplicate near": 1},
    ),
    RowKind(
        "pressed_again_later",
        (
            line("pressed_again_later-1", user="s7", ts="2025-03-03T11:00:00Z"),
            line("pressed_again_later-2", user="s7", ts="2025-03-03T11:00:05Z"),
        ),
        {"clean": 2},
    ),
)


def _visitor(name: str, seconds: list[int], items: int) -> tuple[str, ...]:
    """Views of one visitor at these seconds after noon, of so many items in turn."""
    return tuple(
        line(
            f"{name}-{number}",
            user=name,
            item=f"i{number % items}",
            ts=f"2025-03-03T{12 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z",
        )
        for number, second in enumerate(seconds)
    )


def _uneven(count: int) -> list[int]:
    """Seconds with the pauses of a person: many short ones, some long ones."""
    return [number * 40 + number * number % 37 * 10 for number in range(count)]


_UNEVEN = sorted(_uneven(70))

VISITORS = (
    RowKind("too_fast", _visitor("too_fast", _UNEVEN[:61], 10), {"quarantined bot_rate": 61}),
    RowKind("sees_everything", _visitor("sees_everything", _UNEVEN[:45], 45), {"quarantined bot_breadth": 45}),
    RowKind(
        "like_clockwork",
        _visitor("like_clockwork", [60 * number for number in range(25)], 5),
        {"quarantined bot_rhythm": 25},
    ),
    RowKind("busy_person", _visitor("busy_person", _UNEVEN[:55], 30), {"clean": 55}),
    RowKind("few_at_even_pauses", _visitor("few_at_even_pauses", [60 * n for n in range(10)], 5), {"clean": 10}),
)

KINDS = (
    *NO_JSON,
    *WRONG_TYPES,
    *WRONG_TIMES,
    *WHO_AND_WHAT,
    *WRONG_NUMBERS,
    *HARMLESS,
    *COPIES,
    *VISITORS,
)
