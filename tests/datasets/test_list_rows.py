"""Lists: ranks from 1, scores that never rise, no item twice."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.datasets import list_rows

ITEMS = np.array(["a", "b", "c", "d"])


def made_of(lists: dict[str, list[tuple[str, float]]]) -> pd.DataFrame:
    """Rows as a model makes them, from (item, score) of each user."""
    users = np.array(sorted(lists), dtype=np.str_)
    items = np.array(sorted({item for pairs in lists.values() for item, _ in pairs}) or ["none"])
    width = max((len(pairs) for pairs in lists.values()), default=0)
    positions = np.full((len(users), width), -1, dtype=np.int32)
    scores = np.zeros((len(users), width), dtype=np.float32)
    for row, user in enumerate(users):
        for place, (item, score) in enumerate(lists[user]):
            positions[row, place] = np.searchsorted(items, item)
            scores[row, place] = score
    return list_rows.from_lists(users, items, positions, scores, np.full_like(positions, -1), "als", "als-1")


def popular_of(*items: str) -> pd.DataFrame:
    weights = pd.DataFrame({"key": "everybody", "item_id": items, "weight": range(len(items), 0, -1)})
    return list_rows.ranked(weights, 50)


def test_the_best_items_of_each_key() -> None:
    weights = pd.DataFrame(
        [("k", "b", 2.0), ("k", "a", 2.0), ("k", "c", 3.1234567), ("k", "d", 0.0), ("l", "a", 1.0), ("k", "e", 1.0)],
        columns=["key", "item_id", "weight"],
    )
    assert list(list_rows.ranked(weights, 3).itertuples(index=False, name=None)) == [
        ("k", "c", 3.12346, 1),
        ("k", "a", 2.0, 2),
        ("k", "b", 2.0, 3),
        ("l", "a", 1.0, 1),
    ]


def test_rows_of_a_rule() -> None:
    rows = list_rows.rows("everybody", popular_of("a"), "popular", "popularity-1")
    assert rows.columns.tolist() == list(RECOMMENDATIONS.column_names)
    assert rows.iloc[0].to_dict() == {
        "entity": "everybody", "key": "everybody", "surface": "for_you", "rank": 1, "item_id": "a", "score": 1.0,
        "reason": "popular", "anchor": "", "source": "popularity", "model": "popularity-1",
    }  # fmt: skip


def test_rows_of_a_model_s_lists() -> None:
    positions = np.array([[2, 0], [1, -1], [-1, -1]], dtype=np.int32)
    anchors = np.array([[3, -1], [-1, -1], [-1, -1]], dtype=np.int32)
    scores = np.array([[0.123456789, 0.1], [5.0, 0.0], [0.0, 0.0]], dtype=np.float32)
    rows = list_rows.from_lists(np.array(["u", "v", "w"]), ITEMS, positions, scores, anchors, "als", "als-1")
    found = rows[["key", "rank", "item_id", "score", "reason", "anchor"]]
    assert list(found.itertuples(index=False, name=None)) == [
        ("u", 1, "c", 0.123457, "because_you_had", "d"),
        ("u", 2, "a", 0.1, "popular", ""),
        ("v", 1, "b", 5.0, "popular", ""),
    ]
    assert rows.columns.tolist() == list(RECOMMENDATIONS.column_names)


def test_short_lists_are_filled_with_what_is_popular() -> None:
    made = made_of({"u": [("b", 0.5), ("x", 0.25)], "v": [("a", 1.0), ("b", 0.5), ("c", 0.25)]})
    rows = list_rows.filled_up(made, pd.Series(["u", "v", "w"]), popular_of("a", "b", "c"), 3, "popularity-1")
    lists = rows.sort_values(["key", "rank"]).groupby("key")["item_id"].agg(list).to_dict()
    assert lists == {"u": ["b", "x", "a"], "v": ["a", "b", "c"], "w": ["a", "b", "c"]}
    filling = rows[rows["source"] == "popularity"]
    assert set(filling["model"]) == {"popularity-1"}
    assert len(filling) == 4


@pytest.mark.parametrize("popular", [popular_of("a", "b"), popular_of()])
def test_nothing_to_fill(popular: pd.DataFrame) -> None:
    made = made_of({"u": [("a", 1.0), ("b", 0.5)]})
    pd.testing.assert_frame_equal(list_rows.filled_up(made, pd.Series(["u"]), popular, 2, "m"), made)


_items = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
_score = st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, 1e-9, -1e-9])


@settings(max_examples=60, deadline=None)
@given(
    lists=st.dictionaries(st.sampled_from("uvw"), _items, max_size=3),
    scores=st.lists(_score, min_size=8, max_size=8),
    popular=_items,
    n_items=st.integers(1, 8),
)
def test_filled_lists_are_lists(
    lists: dict[str, list[str]], scores: list[float], popular: list[str], n_items: int
) -> None:
    descending = sorted(scores, reverse=True)
    made = made_of({user: list(zip(items, descending, strict=False))[:n_items] for user, items in lists.items()})
    rows = list_rows.filled_up(made, pd.Series(list("uvw")), popular_of(*popular), n_items, "m")
    for user in "uvw":
        one = rows[rows["key"] == user].sort_values("rank")
        had = lists.get(user, [])[:n_items]
        assert one["item_id"].tolist() == (had + [item for item in popular if item not in had])[:n_items]
        assert one["rank"].tolist() == list(range(1, len(one) + 1))
        assert all(high >= low for high, low in pairwise(one["score"]))


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


def test_rows_of_whole_columns() -> None:
    rows = list_rows.of_columns(
        score=np.array([1 / 3]), entity="item", key=np.array(["i"]), surface="similar", rank=1, item_id="j",
        reason="similar_to", anchor="i", source="item_item", model="m",
    )  # fmt: skip
    assert rows.columns.tolist() == list(RECOMMENDATIONS.column_names)
    assert rows["score"].tolist() == [0.333333]
    assert len(list_rows.joined([rows, list_rows.empty(), rows])) == 2
    assert list_rows.joined([]).columns.tolist() == list(RECOMMENDATIONS.column_names)


def test_no_rows() -> None:
    assert list_rows.empty().columns.tolist() == list(RECOMMENDATIONS.column_names)
