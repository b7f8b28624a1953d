"""Spark and numpy must agree on every digest, whatever the rows."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyspark.sql import SparkSession
from spark_properties import spark_property

from jobs.adapters.lake import Lake
from jobs.adapters.lake.arrow import write_pandas
from jobs.adapters.lake.digest import digest_files
from jobs.adapters.spark.digest import digest_frame
from jobs.adapters.spark.lake_io import write_attempt
from jobs.adapters.spark.types import spark_schema
from jobs.core.table import Column, Table

DAY = date(2025, 1, 2)
WIDE = Table(
    name="wide",
    doc="One row per thing.",
    kind="log",
    grain=(),
    columns=(
        Column("text", "string", "", nullable=True),
        Column("count", "long", "", nullable=True),
        Column("small", "int", "", nullable=True),
        Column("number", "double", "", nullable=True),
        Column("flag", "boolean", "", nullable=True),
        Column("day", "date", "", nullable=True),
        Column("time", "timestamp", "", nullable=True),
        Column("money", "decimal(18,4)", "", nullable=True),
        Column("words", "array<string>", "", nullable=True),
        Column("scores", "array<double>", "", nullable=True),
        Column("counts", "array<long>", "", nullable=True),
        Column("run_id", "string", "", nullable=True, volatile=True),
    ),
)

_text = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80)
_number = st.floats(allow_nan=False, allow_infinity=False) | st.just(-0.0)
_row = st.tuples(
    st.none() | _text,
    st.none() | st.integers(-(2**63), 2**63 - 1),
    st.none() | st.integers(-(2**31), 2**31 - 1),
    st.none() | _number,
    st.none() | st.booleans(),
    st.none() | st.dates(date(1900, 1, 1), date(2200, 1, 1)),
    st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.none() | st.decimals(-(10**13), 10**13, places=4),
    st.none() | st.lists(_text, max_size=4),
    st.none() | st.lists(_number, max_size=4),
    st.none() | st.lists(st.integers(-(2**63), 2**63 - 1), max_size=4),
    _text,
)


@spark_property(often=18)
@given(rows=st.lists(_row, max_size=40))
def test_spark_and_numpy_agree(
    spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, ...]]
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    frame = spark.createDataFrame([(*row, DAY) for row in rows], spark_schema(WIDE).add("run_date", "date"))
    attempt = Lake(folder).begin("wide")
    write_attempt(WIDE, frame, attempt, [DAY], 2)

    by_spark = digest_frame(WIDE, frame).get(DAY)
    by_numpy = digest_files(WIDE, [attempt.folder / name for name in attempt.files(DAY)])

    assert by_spark == by_numpy if rows else (by_spark is None and by_numpy[0] == 0)


def test_order_does_not_matter_but_content_does(tmp_path: Path) -> None:
    table = Table(
        "t",
        "",
        "log",
        (),
        (Column("a", "string", "", nullable=True), Column("b", "string", "", nullable=True)),
    )

    def digest(rows: list[tuple[str | None, str | None]]) -> str:
        attempt = Lake(tmp_path).begin("t")
        write_pandas(table, pd.DataFrame(rows, columns=["a", "b"]), attempt, DAY)
        return digest_files(table, [attempt.folder / name for name in attempt.files(DAY)])[1]

    rows: list[tuple[str | None, str | None]] = [("x", "y"), ("z", None), ("x", "y")]
    assert digest(rows) == digest(rows[::-1])
    assert digest(rows) != digest(rows[:2])
    assert digest([("x", None)]) != digest([(None, "x")])


def test_volatile_columns_stay_out(tmp_path: Path) -> None:
    def digest(run_id: str, count: int) -> str:
        attempt = Lake(tmp_path).begin("wide")
        row = dict.fromkeys(WIDE.column_names, None) | {"run_id": run_id, "count": count}
        write_pandas(WIDE, pd.DataFrame([row]), attempt, DAY)
        return digest_files(WIDE, [attempt.folder / name for name in attempt.files(DAY)])[1]

    assert digest("a", 1) == digest("b", 1)
    assert digest("a", 1) != digest("a", 2)
