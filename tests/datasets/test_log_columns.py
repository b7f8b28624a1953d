import pandas as pd
import pytest

from jobs.core.drift_schemas import LOG_COLUMNS
from jobs.datasets.log_columns import SeenColumn, SeenFiles, merge, roll_columns

NOTHING = pd.DataFrame(columns=list(LOG_COLUMNS.column_names))


def files(n_rows: int = 1000, **columns: tuple[str, int]) -> SeenFiles:
    """Columns as kind and rows that had them."""
    seen = {name: SeenColumn(frozenset(kinds.split("|")) - {""}, n_seen) for name, (kinds, n_seen) in columns.items()}
    return SeenFiles(seen, n_rows)


def changes(rows: pd.DataFrame) -> dict[str, str]:
    return dict(zip(rows["column"], rows["change"], strict=True))


FIRST = roll_columns(NOTHING, {"app": files(a=("text", 1000), b=("number", 1000), rare=("text", 15))})


def test_on_the_first_day_nothing_changed() -> None:
    assert changes(FIRST) == {"a": "", "b": "", "rare": ""}


@pytest.mark.parametrize(
    ("seen", "changed"),
    [
        (files(a=("text", 1000), b=("number", 1000)), {"a": "", "b": "", "rare": ""}),
        (files(a=("text", 9), b=("number|text", 1000)), {"a": "", "b": "", "rare": ""}),
        (files(a=("", 1000), b=("number", 1000)), {"a": "", "b": "", "rare": ""}),
        (files(a=("text", 1000), b=("number", 1000), c=("text", 1)), {"a": "", "b": "", "c": "new", "rare": ""}),
        (files(b=("text", 1000)), {"a": "missing", "b": "retyped", "rare": ""}),
        (files(n_rows=19, b=("number", 19)), {"a": "", "b": "", "rare": ""}),
    ],
)
def test_a_change_is_told_unless_it_may_be_chance(seen: SeenFiles, changed: dict[str, str]) -> None:
    assert changes(roll_columns(FIRST, {"app": seen})) == changed


def test_a_change_is_told_once() -> None:
    without_a = files(b=("text", 1000))
    second = roll_columns(FIRST, {"app": without_a})
    assert changes(roll_columns(second, {"app": without_a})) == {"b": "", "rare": ""}
    back = files(a=("text", 1000), b=("text", 1000))
    assert changes(roll_columns(second, {"app": back}))["a"] == "new"


def test_days_without_a_file_carry_the_columns_forward() -> None:
    carried = roll_columns(roll_columns(FIRST, {}), {"app": SeenFiles({}, 0)})
    pd.testing.assert_frame_equal(carried, FIRST)
    assert changes(roll_columns(carried, {"app": files(b=("number", 1000))}))["a"] == "missing"


def test_only_nulls_say_nothing_of_the_kind() -> None:
    nulls = roll_columns(FIRST, {"app": files(a=("", 1000), b=("number", 1000))})
    assert changes(roll_columns(nulls, {"app": files(a=("number", 1000), b=("number", 1000))}))["a"] == "retyped"


def test_another_log_has_columns_of_its_own() -> None:
    both = roll_columns(FIRST, {"shop": files(z=("text", 5))})
    assert list(zip(both["source"], both["column"], both["change"], strict=True)) == [
        ("app", "a", ""),
        ("app", "b", ""),
        ("app", "rare", ""),
        ("shop", "z", ""),
    ]


def test_files_of_a_day_count_together() -> None:
    one = merge([files(a=("text", 3), n_rows=3), files(a=("number", 1), b=("text", 2), n_rows=2)])
    assert (one.n_rows, one.columns["a"].n_seen, one.columns["a"].kinds) == (5, 4, {"text", "number"})
