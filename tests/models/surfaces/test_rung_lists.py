"""Lists of segments, contexts and everybody."""

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from surface_worlds import World, app, catalogue, history

from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.surfaces import RUNG_SURFACES
from jobs.models.surfaces.rows import build_rung_rows
from jobs.models.surfaces.rung_lists import RungInput, build_rung_lists

NOTHING = pd.DataFrame({"key": [], "item_id": [], "weight": []})
# u00 and u01 are Dutch and active, u02 is German and new. i03 is new, i04 cannot be had.
ROWS = [(0, 0, 1), (0, 0, 40), (1, 0, 2), (1, 1, 3), (2, 2, 0), (2, 1, 30), (2, 3, 1), (2, 4, 0)]
HISTORY = history(ROWS, 3, 6, ["NL", "NL", "DE"])
KNOWN = catalogue(6, first_age=[90, 90, 90, 3, 90, 90], unavailable=[4])
SEGMENTS = np.array(["active", "active", "new"])


def rows(
    contexts: pd.DataFrame = NOTHING, popularity: tuple[float, ...] = (5, 4, 3, 2, 9, 0), **lists: Any
) -> pd.DataFrame:
    about = RungInput(HISTORY, SEGMENTS, contexts, np.array(popularity, np.float32), KNOWN)
    return build_rung_rows(build_rung_lists(about, app(**lists), "rules"), app(**lists))


def shown(found: pd.DataFrame, entity: str, key: str, surface: str) -> list[tuple[str, str]]:
    one = found[(found["entity"] == entity) & (found["key"] == key) & (found["surface"] == surface)]
    return list(one.sort_values("rank")[["item_id", "reason"]].itertuples(index=False, name=None))


def test_everybody_gets_what_is_popular_and_what_is_new() -> None:
    found = rows()
    assert shown(found, "everybody", "everybody", "for_you") == [
        (item, "popular") for item in ("i00", "i01", "i02", "i03")
    ]
    assert shown(found, "everybody", "everybody", "new_for_you") == [("i03", "new")]


def test_discoveries_of_a_group_are_what_its_users_had_for_the_first_time_of_late() -> None:
    found = rows()
    # i02, i03 on the last days, i00 and i01 by u01; u02's i01 is a month old.
    assert [item for item, _ in shown(found, "everybody", "everybody", "discover")] == ["i02", "i03", "i00", "i01"]
    assert shown(found, "segment", "new", "discover")[:2] == [
        ("i02", "popular_in_segment"),
        ("i03", "popular_in_segment"),
    ]


def test_what_rises_comes_first_and_what_is_popular_fills() -> None:
    found = shown(rows(), "everybody", "everybody", "trending")
    assert {item for item, reason in found if reason == "trending"} == {"i00", "i01", "i02", "i03"}
    flat = shown(rows(popularity=(5, 4, 3, 2, 9, 7)), "everybody", "everybody", "trending")
    assert flat[-1] == ("i05", "popular")


def test_a_segment_s_list_is_filled_with_everybody_s() -> None:
    assert shown(rows(), "segment", "active", "for_you") == [
        ("i00", "popular_in_segment"),
        ("i01", "popular_in_segment"),
        ("i02", "popular"),
        ("i03", "popular"),
    ]
    assert shown(rows(), "segment", "dormant", "for_you") == shown(rows(), "everybody", "everybody", "for_you")


def test_contexts_have_lists_by_their_own_table_and_by_the_places_of_users() -> None:
    weights = pd.DataFrame(
        {"key": ["DE|web|*", "DE|web|*", "FR|*|*"], "item_id": ["i01", "i02", "i00"], "weight": [1.0, 2.0, 1.0]}
    )
    found = rows(weights)
    assert [
        item for item, reason in shown(found, "context", "DE|web|*", "for_you") if reason == "popular_in_context"
    ] == [
        "i02",
        "i01",
    ]
    assert shown(found, "context", "DE|web|*", "discover")[0] == ("i02", "popular_in_context")
    # Nobody whose history is known is there.
    assert shown(found, "context", "FR|*|*", "discover") == shown(found, "everybody", "everybody", "discover")


def test_the_list_of_last_resort() -> None:
    none = np.zeros(6, np.float32)
    about = RungInput(history([], 0, 6), SEGMENTS[:0], NOTHING, none, catalogue(6))
    with_ = app(fallback=("x", "y", "z"), blocked=("y",))
    found = build_rung_rows(build_rung_lists(about, with_, "rules"), with_)
    assert shown(found, "everybody", "everybody", "for_you") == [("x", "popular"), ("z", "popular")]
    assert len(found) == 2


def test_blocked_items_and_categories() -> None:
    assert "i00" not in set(rows(blocked=("i00",))["item_id"])
    assert "i04" not in set(rows()["item_id"])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.sampled_from([3, 50]), cap=st.sampled_from([None, 2]))
def test_what_holds_for_every_list(seed: int, n: int, cap: int | None) -> None:
    world, with_ = World(seed), app(lake_items=n, max_per_category=cap)
    popularity = np.arange(30, dtype=np.float32)
    about = RungInput(world.history, np.array(world.segments), NOTHING, popularity, world.catalogue)
    found = build_rung_rows(build_rung_lists(about, with_, "rules"), with_)
    assert list(found.columns) == list(RECOMMENDATIONS.column_names)
    assert set(found.loc[found["entity"] == "everybody", "surface"]) >= {"for_you", "discover", "trending"}
    assert set(found["surface"]) <= set(RUNG_SURFACES)
    category = dict(zip(world.catalogue.items, world.catalogue.category, strict=True))
    for _, one in found.groupby(["entity", "key", "surface"]):
        assert one["rank"].tolist() == list(range(1, len(one) + 1))
        assert one["item_id"].is_unique
        assert one["score"].is_monotonic_decreasing
        assert len(one) <= n
        assert not one["item_id"].isin(["i03", "i04"]).any()
        if cap:
            assert (one["item_id"].map(category).loc[lambda names: names != ""].value_counts() <= cap).all()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_users_does_not_show(seed: int) -> None:
    """Users' ids decide their order, so other ids of the same histories give the same lists."""
    random = np.random.default_rng(seed)
    events = [(int(random.integers(6)), int(random.integers(6)), int(random.integers(40))) for _ in range(30)]
    other = random.permutation(6)
    made = []
    for turned in (np.arange(6), other):
        had = history([(int(turned[user]), item, age) for user, item, age in events], 6, 6)
        segments = np.empty(6, dtype="<U6")
        segments[turned] = np.array(["active", "new"] * 3)
        about = RungInput(had, segments, NOTHING, np.arange(6, dtype=np.float32), catalogue(6))
        made.append(build_rung_rows(build_rung_lists(about, app(), "rules"), app()))
    pd.testing.assert_frame_equal(*made)
