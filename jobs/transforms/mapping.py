"""From raw rows to event columns, by the mapping in the app's file; everything still text."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pyspark.sql import DataFrame

from jobs.core.config.log import ColumnRule, LogSettings, RowFilter
from jobs.core.raw_format import FIELD_SEPARATOR, NULL_MARK, field_name
from jobs.core.schemas import MAPPABLE_BY_KIND
from jobs.core.sql import sql_name, sql_text

MARKS = ("is_parsed", "is_meant", "is_test")

# Backslash sequences, so that SQL text stays readable in a plan.
_SEPARATOR = f"'\\u{ord(FIELD_SEPARATOR):04x}'"
_NULL = f"'\\u{ord(NULL_MARK):04x}'"
_FIELD = "field_"

_FIELDS = f"split(raw, {_SEPARATOR}, -1)"
_NAMES = "from_json(header, 'array<string>')"

RAW_AS_JSON = (
    f"CASE WHEN header = '' OR size({_NAMES}) <> size({_FIELDS}) THEN raw "
    f"ELSE to_json(map_filter(map_from_arrays({_NAMES}, transform({_FIELDS}, field -> nullif(field, {_NULL}))), "
    "(name, field) -> field IS NOT NULL)) END"
)
"""SQL over `header` and `raw`: the row as JSON text; one without the fields of its header stays as it is. For few
rows."""


def map_columns(rows: DataFrame, log: LogSettings, headers: Iterable[str] | None = None) -> DataFrame:
    """Add a text column per column that a log of its kind may fill, and three marks.

    Parameters
    ----------
    rows
        Rows of one log: `header` and `raw`; their other columns are kept. Where they have `fields`, a struct of the
        log's columns, that is read instead.
    log
        The mapping. A column without a rule is null.
    headers
        The different values of `header`; by default they are looked for, but in JSON lines, which reads the column
        once.

    Returns
    -------
    DataFrame
        The rows with `is_parsed` (the row has the fields of its header, or is one JSON object), `is_meant` (it
        passes the filters of the log), `is_test` (only testers send it), and the text columns.
    """
    names = _read_names(log)
    if "fields" in rows.columns:
        return _mapped(_taken(rows, names), [name for name in rows.columns if name != "fields"], log, names)
    if headers is None:
        # JSON lines have none: looking for it would read a whole log.
        found = [] if log.format == "jsonlines" else rows.select("header").distinct().collect()
        headers = [header for (header,) in found]
    fields = _split(rows, log, names, {text: tuple(json.loads(text)) for text in sorted(headers) if text})
    return _mapped(fields, rows.columns, log, names)


def _read_names(log: LogSettings) -> tuple[str, ...]:
    # from_json needs a column, also where the mapping is of constants alone.
    return log.source_columns or ("",)


def _taken(rows: DataFrame, names: Sequence[str]) -> DataFrame:
    """The rows of a format that tells its columns apart by itself."""
    there = set(rows.select("fields.*").columns)
    texts = (
        f"{f'trim(fields.{name})' if name in there else 'CAST(NULL AS string)'} AS {_FIELD}{position}"
        for position, name in enumerate(map(field_name, names))
    )
    kept = (name for name in rows.columns if name != "fields")
    return rows.selectExpr(*kept, "header <> '' AS is_parsed", *texts)


def _split(
    rows: DataFrame, log: LogSettings, names: Sequence[str], headers: Mapping[str, tuple[str, ...]]
) -> DataFrame:
    """The rows with `is_parsed` and one trimmed text for each column of the log that is read.

    Each step is a projection of its own: Spark then computes what several columns need once, and compiles each
    into a method that is small enough for Java's compiler.
    """
    json_type = sql_text(f"array<struct<{', '.join(f'{sql_name(name)}: string' for name in names)}>>")
    # Spark reads the first object of a text and is silent about what follows; within brackets it has to be the
    # only one. Broken rows of files with a header have none, and are no JSON even where they look like it.
    may_be_json = "header = ''" if log.format == "jsonlines" else "false"
    objects = f"CASE WHEN {may_be_json} THEN from_json(concat('[', raw, ']'), {json_type}) END"
    parts = (
        f"CASE WHEN header <> '' THEN split(raw, {_SEPARATOR}, -1) END" if headers else "CAST(NULL AS array<string>)"
    )
    cut = rows.selectExpr("*", f"{parts} AS parts", f"{objects} AS objects")
    told = cut.selectExpr(
        "*", f"{_layout(headers)} AS layout", "IF(size(objects) = 1, get(objects, 0), NULL) AS object"
    )
    texts = (f"trim({_text(name, log, headers)}) AS {_FIELD}{position}" for position, name in enumerate(names))
    return told.selectExpr(*rows.columns, "layout IS NOT NULL OR object IS NOT NULL AS is_parsed", *texts)


def _layout(headers: Mapping[str, tuple[str, ...]]) -> str:
    """Which of the headers the row has, null where it has none or another number of fields."""
    cases = (
        f"WHEN header = {sql_text(text)} AND size(parts) = {len(header)} THEN {position}"
        for position, (text, header) in enumerate(headers.items())
    )
    return f"CASE {' '.join(cases)} END" if headers else "CAST(NULL AS int)"


def _text(name: str, log: LogSettings, headers: Mapping[str, tuple[str, ...]]) -> str:
    """The log's column, by its place in each header that has it."""
    by_place: dict[int, list[int]] = {}
    for layout, header in enumerate(headers.values()):
        if name in header:
            by_place.setdefault(header.index(name), []).append(layout)
    cases = [
        f"WHEN layout IN ({', '.join(map(str, layouts))}) THEN get(parts, {place})"
        for place, layouts in by_place.items()
    ]
    field = f"object.{sql_name(name)}" if log.format == "jsonlines" else "CAST(NULL AS string)"
    return f"CASE {' '.join(cases)} ELSE {field} END" if cases else field


def _mapped(fields: DataFrame, kept: Sequence[str], log: LogSettings, names: Sequence[str]) -> DataFrame:
    """The columns of the log's kind, of its fields."""
    origin = {name: f"{_FIELD}{position}" for position, name in enumerate(names)}
    filled = (f"CASE WHEN {field} NOT IN ('', {_NULL}) THEN {field} END AS {field}" for field in origin.values())
    present = fields.selectExpr(*kept, "is_parsed", *filled)
    columns = MAPPABLE_BY_KIND[log.kind]
    read = {name: _rule(rule, origin) for name, rule in log.columns.items()}
    mapped = present.selectExpr(
        *kept,
        "is_parsed",
        f"{_is_meant(log.filters, origin)} AS is_meant",
        *(f"{read.get(name, 'CAST(NULL AS string)')} AS {name}" for name in columns),
    )
    own = {"event_type": _translated("event_type", log.event_types)} if log.event_types else {}
    final = (f"{own.get(name, name)} AS {name}" for name in columns)
    return mapped.selectExpr(*kept, "is_parsed", "is_meant", f"{_is_test(log)} AS is_test", *final)


def _rule(rule: ColumnRule, origin: dict[str, str]) -> str:
    value = origin[rule.column] if rule.column is not None else sql_text(rule.constant or "")
    if rule.extract is not None:
        value = f"nullif(regexp_extract({value}, {sql_text(rule.extract)}, 1), '')"
    if rule.patterns is not None:
        value = _first_match(value, rule.patterns)
    return value if rule.values is None else _translated(value, rule.values)


def _first_match(value: str, patterns: dict[str, str]) -> str:
    cases = (f"WHEN {value} RLIKE {sql_text(pattern)} THEN {sql_text(text)}" for pattern, text in patterns.items())
    return f"CASE {' '.join(cases)} END" if patterns else "CAST(NULL AS string)"


def _translated(value: str, meanings: dict[str, str]) -> str:
    """What a value stands for; null where no line names it."""
    pairs = ", ".join(sql_text(text) for pair in sorted(meanings.items()) for text in pair)
    return f"try_element_at(map({pairs}), {value})" if pairs else "CAST(NULL AS string)"


def _is_meant(filters: Sequence[RowFilter], origin: dict[str, str]) -> str:
    return " AND ".join(_passes(filters, origin)) or "true"


def _passes(filters: Sequence[RowFilter], origin: dict[str, str]) -> Iterator[str]:
    for row_filter in filters:
        matches = f"coalesce({origin[row_filter.column]} RLIKE {sql_text(row_filter.matches)}, false)"
        yield f"NOT {matches}" if row_filter.drop else matches


def _is_test(log: LogSettings) -> str:
    tests = (
        f"coalesce({name} RLIKE {sql_text(pattern)}, false)" for name, pattern in sorted(log.test_traffic.items())
    )
    return " OR ".join(tests) or "false"
