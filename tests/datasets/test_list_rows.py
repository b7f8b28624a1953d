"""Rows of lists: all columns of the contract, scores as six digits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.datasets import list_rows


def test_rows_of_whole_columns() -> None:
    rows = list_rows.of_columns(
        score=np.array([1 / 3]), entity="item", key=np.array(["i"]), surface="similar", rank=1, item_id="j",
        reason="similar_to", anchor="i", source="item_item", model="m",
    )  # fmt: skip
    assert rows.columns.tolist() == list(RECOMMENDATIONS.column_names)
    assert rows["score"].tolist() == [0.333333]
    assert len(list_rows.joined([rows, list_rows.empty(), rows])) == 2
    assert list_rows.joined([]).columns.tolist() == list(RECOMMENDATIONS.column_names)


def test_the_list_of_last_resort() -> None:
    rows = list_rows.last_resort(["b", "a"], "rules-1")
    assert rows.columns.tolist() == list(RECOMMENDATIONS.column_names)
    assert rows[["rank", "item_id", "score"]].to_numpy().tolist() == [[1, "b", 1.0], [2, "a", 0.5]]
    assert rows.iloc[0].to_dict() == {
        "entity": "everybody", "key": "everybody", "surface": "for_you", "rank": 1, "item_id": "b", "score": 1.0,
        "reason": "popular", "anchor": "", "source": "popularity", "model": "rules-1",
    }  # fmt: skip
    assert list_rows.last_resort([], "m").empty


def test_six_significant_digits() -> None:
    values = np.array([123456.78, 0.000123456789, -2.0000001, 0.0, 98765432.1, -0.0, 1e-30])
    assert list_rows.significant(values).tolist() == [123457.0, 0.000123457, -2.0, 0.0, 98765400.0, 0.0, 0.0]
    assert list_rows.significant(np.empty(0)).tolist() == []


@given(st.floats(min_value=1e-12, max_value=1e12))
def test_rounded_values_print_as_six_digits_and_keep_their_order(value: float) -> None:
    low, high = list_rows.significant(np.array([value, value * 1.00001]))
    assert float(f"{low:.6g}") == low
    assert low <= high
    assert abs(low - value) <= value * 5.1e-6
