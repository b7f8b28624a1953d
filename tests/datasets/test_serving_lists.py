from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.adapters.lake.arrow import arrow_schema
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.surfaces import ITEM_SURFACES, RUNG_SURFACES, USER_SURFACES
from jobs.datasets import serving_lists
from jobs.features.serving import LIST_VIEWS, RECS_FOR_YOU

END = datetime(2025, 3, 4, tzinfo=UTC)


def recommendations(*rows: tuple[str, str, int, str], surface: str = "for_you") -> pa.Table:
    """Rows of (entity, key, rank, item), put in the table's order."""
    full = [
        (entity, key, surface, rank, item, 1 / rank, "popular", "", "als", f"m{rank}")
        for entity, key, rank, item in rows
    ]
    columns = dict(zip(RECOMMENDATIONS.column_names, zip(*full, strict=True), strict=True))
    made = pa.table({name: list(values) for name, values in columns.items()}, schema=arrow_schema(RECOMMENDATIONS))
    return made.sort_by([(name, "ascending") for name in RECOMMENDATIONS.grain])


def views(rows: pa.Table, delisted: tuple[str, ...] = (), n_items: int = 20) -> dict[str, dict[str, list[Any]]]:
    """Columns of every view of lists, by its name."""
    made = {one: serving_lists.build_list_view(one, rows, delisted, n_items, END) for one in LIST_VIEWS}
    for one, found in made.items():
        # What has no row is published too, so it must be possible to write it.
        assert found.cast(arrow_schema(one.view.table)).schema == arrow_schema(one.view.table)
    return {one.view.name: found.to_pydict() for one, found in made.items()}


def test_there_is_a_view_of_every_surface_on_every_rung_that_has_it() -> None:
    prefixes = {"user": "recs", "item": "items"}
    wanted = {(entity, surface) for entity in ("segment", "context", "everybody") for surface in RUNG_SURFACES}
    wanted |= {("user", surface) for surface in USER_SURFACES} | {("item", surface) for surface in ITEM_SURFACES}
    assert {(listed.view.entity, listed.surface) for listed in LIST_VIEWS} == wanted
    for listed in LIST_VIEWS:
        entity = listed.view.entity
        assert listed.view.name == f"{prefixes.get(entity, entity)}_{listed.surface}"


def test_rows_of_some_keys_only() -> None:
    rows = recommendations(("user", "a", 1, "x"), ("user", "b", 1, "y"), ("user", "c", 1, "z"))
    assert serving_lists.rows_of(rows, {"c", "a", "stranger"}).column("key").to_pylist() == ["a", "c"]
    assert not serving_lists.rows_of(rows, ()).num_rows


def test_lists_are_parallel_in_the_order_of_rank_and_cut() -> None:
    rows = recommendations(("user", "b", 3, "z"), ("user", "b", 1, "x"), ("user", "a", 1, "q"), ("user", "b", 2, "y"))
    assert views(rows, n_items=2)["recs_for_you"] == {
        "user_id": ["a", "b"],
        "event_timestamp": [END, END],
        "items": [["q"], ["x", "y"]],
        "scores": [[1.0], [1.0, 0.5]],
        "reasons": [["popular"], ["popular"] * 2],
        "anchors": [[""], [""] * 2],
        "sources": [["als"], ["als"] * 2],
        "model": ["m1", "m1"],
    }


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1), (2, 0, 1)])
def test_rows_in_another_order_are_refused(order: tuple[int, ...]) -> None:
    rows = recommendations(("user", "a", 1, "x"), ("user", "a", 2, "y"), ("user", "b", 1, "z")).take(list(order))
    with pytest.raises(ValueError, match="recs_for_you: rows of recommendations are not ordered"):
        serving_lists.build_list_view(RECS_FOR_YOU, rows, (), 20, END)


def test_a_view_takes_its_own_entity_and_surface_only() -> None:
    rows = pa.concat_tables(
        [
            recommendations(("user", "everybody", 1, "x"), ("everybody", "everybody", 1, "y")),
            recommendations(("everybody", "everybody", 1, "z"), ("user", "u", 1, "w"), surface="trending"),
            recommendations(("item", "i", 1, "v"), surface="similar"),
        ]
    )
    made = views(rows)
    assert {name: columns["items"] for name, columns in made.items() if columns["items"]} == {
        "recs_for_you": [["x"]],
        "everybody_for_you": [["y"]],
        "everybody_trending": [["z"]],
        "recs_trending": [["w"]],
        "items_similar": [["v"]],
    }
    assert made["items_similar"]["item_id"] == ["i"]


def test_no_recommendations_give_all_columns_and_no_row() -> None:
    made = views(arrow_schema(RECOMMENDATIONS).empty_table())
    for listed in LIST_VIEWS:
        assert made[listed.view.name] == {name: [] for name in listed.view.table.column_names}


def test_items_below_a_delisted_one_move_up() -> None:
    rows = recommendations(
        *(("user", "a", rank, item) for rank, item in enumerate("pqrs", start=1)), ("user", "b", 1, "q")
    )
    lists = views(rows, delisted=("q",), n_items=2)["recs_for_you"]
    assert lists["user_id"] == ["a"]
    assert lists["items"] == [["p", "r"]]
    assert lists["scores"] == [[1.0, 1 / 3]]
    assert lists["model"] == ["m1"]


@given(st.lists(st.integers(0, 6), min_size=1, max_size=8), st.integers(1, 5), st.integers(1, 9))
def test_every_key_keeps_its_best_items(lengths: list[int], n_items: int, chunk: int) -> None:
    items = {f"k{key}": [f"{key}-{rank}" for rank in range(many)] for key, many in enumerate(lengths) if many}
    items["z"] = ["last"]
    rows = recommendations(
        *(("user", key, rank, item) for key, own in items.items() for rank, item in enumerate(own, start=1))
    )
    parts = [rows.slice(start, chunk) for start in range(0, rows.num_rows, chunk)]
    lists = serving_lists.build_list_view(RECS_FOR_YOU, pa.concat_tables(parts), (), n_items, END).to_pydict()
    found = dict(zip(lists["user_id"], lists["items"], strict=True))
    assert found == {key: own[:n_items] for key, own in items.items()}
