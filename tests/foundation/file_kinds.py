"""Kinds of dirt in a file, each made on purpose, and what becomes of its night.

Each is the file of `DAY` and says either what the ledger counts, or with which error the night stops. A night
that stops leaves nothing current.
"""

import gzip
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from dirty_app import COLUMNS, DAY, FIELDS, good_lines, line, lines, row

from jobs.core.errors import ChecksFailedError, InputError, NightjarError

CSV_FIELDS = ("id", "type", "ts", "user", "item", "price")


@dataclass(frozen=True)
class FileKind:
    """One kind of dirty file.

    Attributes
    ----------
    name
        Of the kind.
    content
        Bytes of the file; None for no file at all.
    extension
        Of the file, and of the app's log.
    ends
        What the ledger counts besides `raw`; empty where the night stops.
    stops
        The error with which the night stops, and a pattern of its message.
    """

    name: str
    content: Callable[[], bytes | None]
    extension: str = "jsonl"
    ends: dict[str, int] = field(default_factory=dict)
    stops: tuple[type[NightjarError], str] | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The app's log section for this file."""
        form = self.extension.removesuffix(".gz")
        fields = FIELDS if form == "jsonl" else CSV_FIELDS
        # Rows get an id of their own, so that logs of several kinds can stand side by side.
        columns = {ours: theirs for ours, theirs in COLUMNS.items() if theirs in fields and ours != "event_id"}
        return {"extension": self.extension, "format": {"jsonl": "jsonlines"}.get(form, form), "columns": columns}


def _text(*told: str) -> Callable[[], bytes]:
    return lambda: lines(told)


def _csv(*rows: str, header: str = ",".join(CSV_FIELDS)) -> Callable[[], bytes]:
    return _text(header, *rows)


def _csv_row(name: str, last: str = "1.5") -> str:
    return f"{name},view,{DAY}T22:00:00Z,u1,i1,{last}"


def _parquet(**columns: Any) -> Callable[[], bytes]:
    def write() -> bytes:
        named = [row("p1", price="1.5", ts=f"{DAY}T22:00:00Z"), row("p2", price="2", ts=f"{DAY}T22:30:00Z")]
        table = {name: [each.get(name) for each in named] for name in CSV_FIELDS}
        sink = io.BytesIO()
        pq.write_table(
            pa.table({name: told for name, told in {**table, **columns}.items() if told is not None}), sink
        )
        return sink.getvalue()

    return write


_GOOD = good_lines(20)

HARMLESS_FILES = (
    FileKind("byte_order_mark", lambda: b"\xef\xbb\xbf" + lines(_GOOD), ends={"clean": 20}),
    FileKind("csv_byte_order_mark", lambda: b"\xef\xbb\xbf" + _csv(_csv_row("b1"))(), "csv", {"clean": 1}),
    FileKind("windows_line_ends", lambda: lines(_GOOD).replace(b"\n", b"\r\n"), ends={"clean": 20}),
    FileKind("csv_windows_line_ends", lambda: _csv(_csv_row("w1"))().replace(b"\n", b"\r\n"), "csv", {"clean": 1}),
    FileKind("empty_lines", lambda: lines(["", *_GOOD, "", "   ", ""]), ends={"clean": 20}),
    FileKind("no_last_line_end", lambda: lines(_GOOD).rstrip(b"\n"), ends={"clean": 20}),
    FileKind("gzipped", lambda: gzip.compress(lines(_GOOD)), "jsonl.gz", {"clean": 20}),
    FileKind("gzipped_in_members", lambda: b"".join(gzip.compress(lines([each])) for each in _GOOD), "jsonl.gz",
             {"clean": 20}),
    FileKind("fields_in_another_order", _csv(f"1,i1,u1,{DAY}T22:00:00Z,view,o1", header="price,item,user,ts,type,id"),
             "csv", {"clean": 1}),
    FileKind("new_column", _csv(_csv_row("n1") + ",x", header=",".join((*CSV_FIELDS, "campaign"))), "csv",
             {"clean": 1}),
    FileKind("quoted_line_end", _csv(f'"q1",view,{DAY}T22:00:00Z,u1,"i\n""1""",1.5'), "csv", {"clean": 1}),
    FileKind("half_a_last_line", _text(*_GOOD, line("half")[:20]), ends={"clean": 20, "quarantined unparsable": 1}),
    FileKind("too_many_fields", _csv(_csv_row("m1"), _csv_row("m2") + ",more"), "csv",
             {"clean": 1, "quarantined unparsable": 1}),
    FileKind("too_few_fields", _csv(_csv_row("f1"), "f2,view"), "csv", {"clean": 1, "quarantined unparsable": 1}),
    FileKind("prices_with_comma", _csv(_csv_row("c1"), f'c2,view,{DAY}T22:00:00Z,u1,i1,"1,5"'), "csv",
             {"clean": 1, "quarantined bad_price": 1}),
    FileKind("parquet_new_column", _parquet(campaign=["x", "y"]), "parquet", {"clean": 2}),
    FileKind("gzipped_parquet", lambda: gzip.compress(_parquet()()), "parquet.gz", {"clean": 2}),
    FileKind("parquet_typed_price", _parquet(price=[1.5, None]), "parquet", {"clean": 2}),
)  # fmt: skip

STOPPING_FILES = (
    FileKind("no_file", lambda: None, stops=(InputError, "no file .* but app 'dirty' calls that day open")),
    FileKind("empty_file", lambda: b"", stops=(ChecksFailedError, "volume")),
    FileKind("csv_empty_file", lambda: b"", "csv", stops=(ChecksFailedError, "volume")),
    FileKind("header_only", _csv(), "csv", stops=(ChecksFailedError, "volume")),
    FileKind("parquet_without_rows", _parquet(**{name: pa.array([], pa.string()) for name in CSV_FIELDS}), "parquet",
             stops=(ChecksFailedError, "volume")),
    FileKind("cut_gzip", lambda: gzip.compress(lines(good_lines(2000)))[:-200], "jsonl.gz",
             stops=(InputError, "cannot unpack")),
    FileKind("no_gzip", lambda: lines(_GOOD), "jsonl.gz", stops=(InputError, "cannot unpack")),
    FileKind("cut_parquet", lambda: _parquet()()[:-30], "parquet", stops=(InputError, "cannot read")),
    FileKind("no_parquet", lambda: lines(_GOOD), "parquet", stops=(InputError, "cannot read")),
    FileKind("latin_1", lambda: line("l1", item="café").encode("latin-1"), stops=(InputError, "UTF-8")),
    FileKind("utf_16", lambda: lines(_GOOD).decode().encode("utf-16"), stops=(InputError, "UTF-8")),
    FileKind("wrong_column", _csv(_csv_row("x1"), header="id,type,time,user,item,price"), "csv",
             stops=(InputError, "no column 'ts', which log.columns.event_time reads")),
    FileKind("missing_column", _csv(f"x1,view,{DAY}T22:00:00Z,u1,i1", header="id,type,ts,user,item"), "csv",
             stops=(InputError, "no column 'price'")),
    FileKind("column_twice", _csv(_csv_row("x1") + ",2", header="id,type,ts,user,item,price,price"), "csv",
             stops=(InputError, "more than one column 'price'")),
    FileKind("no_header", _text(_csv_row("x1"), _csv_row("x2")), "csv", stops=(InputError, "no column")),
    FileKind("other_separator", lambda: _csv(_csv_row("x1"))().replace(b",", b";"), "csv",
             stops=(InputError, "no column")),
    FileKind("parquet_missing_column", _parquet(price=None), "parquet", stops=(InputError, "no column 'price'")),
    FileKind("json_with_other_names", _text(*(each.replace('"ts"', '"time"') for each in _GOOD)),
             stops=(InputError, "no column 'ts'")),
    FileKind("types_renamed", _text(*(each.replace('"view"', '"page_view"') for each in _GOOD)),
             stops=(ChecksFailedError, "quarantined_share")),
    FileKind("file_of_tomorrow", _text(*(each.replace("2025-03-03T", "2025-03-04T") for each in _GOOD)),
             stops=(ChecksFailedError, "quarantined_share")),
    FileKind("file_of_yesterday", _text(*(each.replace("2025-03-03T", "2025-03-02T") for each in _GOOD)),
             stops=(ChecksFailedError, "freshness")),
    FileKind("one_json_document", lambda: json.dumps([json.loads(each) for each in _GOOD]).encode(),
             stops=(InputError, "is no JSON lines: .* begins with '\\[{")),
    FileKind("indented_json", lambda: json.dumps(row("i1"), indent=1).encode(),
             stops=(InputError, "is no JSON lines: .* begins with '{'")),
    FileKind("csv_for_json", lambda: _csv(_csv_row("x1"))(),
             stops=(InputError, "is no JSON lines: .* begins with 'id,type,ts,user,item'")),
    FileKind("milliseconds_for_iso", _text(*(line(f"e{n}", ts=1741000000000 + n) for n in range(20))),
             stops=(ChecksFailedError, "quarantined_share")),
)  # fmt: skip

assert set(CSV_FIELDS) <= set(FIELDS)
