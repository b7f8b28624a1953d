"""Lists of users: hand cases, and what holds for every list of every surface."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surface_worlds import World, app, candidates, catalogue, history, ids, neighbours
from surface_worlds import given as made_of

from jobs.core.config import Settings
from jobs.core.errors import ModelError
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.surfaces import ANCHORED_REASONS, REASONS, USER_SURFACES
from jobs.datasets.past import NEVER
from jobs.models.surfaces import user_lists
from jobs.models.surfaces.given import candidates_over
from jobs.models.surfaces.rows import build_user_rows
from jobs.models.surfaces.rung_lists import RungInput, build_rung_lists

# One user who had i00 often, i01 once; i02 .. i05 never. i05 is new.
HAD = history([(0, 0, 41), (0, 0, 31), (0, 0, 21), (0, 0, 11), (0, 1, 5)], 1, 6)
KNOWN = catalogue(6, first_age=[365, 365, 365, 365, 365, 1])
SAID = neighbours({(0, 2): 0.5, (1, 2): 0.4, (0, 3): 0.2, (1, 0): 0.9, (0, 1): 0.9}, 6)
SCORES = {(0, 0): 3.0, (0, 1): 1.0, (0, 2): 2.0, (0, 3): 0.5, (0, 4): 0.25, (0, 5): 0.125}


def shown(surface: str, with_: Settings | None = None, **parts: object) -> list[tuple[str, str, str, float]]:
    """(item, reason, anchor, score) of the one user's list."""
    found = made_of(HAD, KNOWN, SAID, trending=[0, 5, 4, 3, 0, 1])
    rows = build_user_rows(candidates(SCORES, 1, HAD, **parts), HAD.users, found, with_ or app(), "m")
    own = rows[rows["surface"] == surface].sort_values("rank")
    return list(own[["item_id", "reason", "anchor", "score"]].itertuples(index=False, name=None))


def test_for_you_mixes_repeats_and_discoveries_by_score() -> None:
    assert shown("for_you") == [
        ("i00", "due_again", "", 3.0),
        ("i02", "because_you_had", "i00", 2.0),
        ("i01", "buy_again", "", 1.0),
        ("i03", "because_you_had", "i00", 0.5),
        ("i04", "like_your_taste", "", 0.25),
        ("i05", "like_your_taste", "", 0.125),
    ]


def test_discover_has_what_was_never_had_by_its_own_score() -> None:
    assert [row[0] for row in shown("discover", discovery={(0, 3): 9.0})] == ["i03", "i02", "i04", "i05"]


def test_buy_again_has_what_was_had() -> None:
    assert [row[:2] for row in shown("buy_again")] == [("i00", "due_again"), ("i01", "buy_again")]


def test_trending_is_everybody_s_order_less_what_was_had() -> None:
    assert shown("trending") == [
        ("i02", "trending", "", 4.0),
        ("i03", "trending", "", 3.0),
        ("i05", "trending", "", 1.0),
    ]
    with_had = shown("trending", app(exclude_had={"trending": False}))
    assert [row[0] for row in with_had] == ["i01", "i02", "i03", "i05"]


def test_new_for_you_has_new_items_only() -> None:
    assert shown("new_for_you") == [("i05", "new", "", 0.125)]


def test_for_you_may_leave_out_what_was_had() -> None:
    assert [row[0] for row in shown("for_you", app(exclude_had={"for_you": True}))] == ["i02", "i03", "i04", "i05"]


def test_blocked_items_are_on_no_list() -> None:
    for surface in USER_SURFACES:
        assert "i02" not in [row[0] for row in shown(surface, app(blocked=("i02", "i05")))]
    assert shown("new_for_you", app(blocked=("i05",))) == []


def test_because_you_groups_by_anchor_and_drops_short_rows() -> None:
    rows = shown("because_you", app(because_you={"min_items": 1}))
    # i00 says 0.5 for i02 whose share of scores is the highest of discoveries but i00: 1.875 / 2.875.
    assert [row[:3] for row in rows] == [
        ("i02", "because_you_had", "i00"),
        ("i03", "because_you_had", "i00"),
    ]
    assert rows[0][3] == pytest.approx(0.5 * 1.875 / 2.875, rel=1e-5)
    assert shown("because_you") == []


def test_everything_is_over_the_same_items_and_users() -> None:
    found = made_of(HAD, catalogue(5), SAID)
    with pytest.raises(ModelError, match=r"lists: catalogue has shape \(5,\), the candidates ask for \(6,\)"):
        build_user_rows(candidates(SCORES, 1, HAD), HAD.users, found, app(), "m")


def test_candidates_over_another_catalogue_keep_their_scores() -> None:
    made = candidates(SCORES, 1, HAD)
    found = candidates_over(made, np.array(["a", "i00", "i03", "i05", "z"]))
    assert list(zip(found.item.tolist(), found.score.tolist(), found.is_had.tolist(), strict=True)) == [
        (1, 3.0, True),
        (2, 0.5, False),
        (3, 0.125, False),
    ]
    assert candidates_over(made, made.items).item.tolist() == made.item.tolist()
    assert candidates_over(made, made.items[:0]).item.tolist() == []


def test_nobody_and_nothing() -> None:
    rows = build_user_rows(candidates({}, 1, HAD), HAD.users, made_of(HAD, KNOWN), app(), "m")
    assert rows.empty
    assert list(rows.columns) == list(RECOMMENDATIONS.column_names)


def rows_of(world: World, with_: Settings, order: np.ndarray | None = None) -> pd.DataFrame:
    """Rows of a world whose short lists are filled from its segments."""
    demand = pd.DataFrame({"key": [], "item_id": [], "weight": []})
    popularity = np.arange(len(world.catalogue.items), dtype=np.float32)
    segments = np.array(world.segments)
    about = RungInput(world.history, segments, demand, popularity, world.catalogue)
    rungs = build_rung_lists(about, with_, "rules")
    return build_user_rows(world.candidates, world.history.users, world.given(rungs), with_, "model")


LIMITS = st.fixed_dictionaries(
    {
        "lake_items": st.sampled_from([4, 9]),
        "pool_items": st.sampled_from([9, 25]),
        "max_per_category": st.sampled_from([None, 1, 3]),
        "diversity": st.sampled_from([0.0, 0.3, 1.0]),
        "new_items": st.sampled_from(
            [{"at_least": 0.0, "at_most": 1.0}, {"at_least": 0.3, "at_most": 1.0}, {"at_least": 0.0, "at_most": 0.2}]
        ),
        "because_you": st.sampled_from(
            [{"anchors": 2, "items": 3, "min_items": 1}, {"anchors": 5, "items": 10, "min_items": 3}]
        ),
        "exclude_had": st.sampled_from([{}, dict.fromkeys(("for_you", "because_you"), True), {"trending": False}]),
        "blocked": st.sampled_from([(), ("i07", "i08")]),
    }
)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), limits=LIMITS)
def test_what_holds_for_every_list(seed: int, limits: dict[str, object]) -> None:
    world, with_ = World(seed), app(**limits)
    rows = rows_of(world, with_)
    had = {
        (world.history.users[user], world.history.items[item])
        for user, item in zip(*world.history.matrix().nonzero(), strict=True)
    }
    category = dict(zip(world.catalogue.items, world.catalogue.category, strict=True))
    is_new = dict(
        zip(
            world.catalogue.items,
            (world.catalogue.first_age < 14) | (world.catalogue.first_age >= NEVER),
            strict=True,
        )
    )
    assert set(rows["reason"]) <= set(REASONS)
    assert set(rows["model"]) <= {"model", "rules"}
    assert (rows.loc[rows["reason"].isin(ANCHORED_REASONS), "anchor"] != "").all()
    assert (rows.loc[~rows["reason"].isin(ANCHORED_REASONS), "anchor"] == "").all()
    assert not rows["item_id"].isin(["i03", "i04", *with_.lists.blocked]).any()
    assert all((user, anchor) in had for user, anchor in zip(rows["key"], rows["anchor"], strict=True) if anchor)
    assert (rows["anchor"] != rows["item_id"]).all()
    for (user, surface), one in rows.groupby(["key", "surface"]):
        one = one.sort_values("rank")
        items = one["item_id"].tolist()
        assert one["rank"].tolist() == list(range(1, len(one) + 1))
        assert len(items) <= with_.lists.lake_items
        assert len(set(items)) == len(items)
        if with_.lists.exclude_had.leaves_out(surface):
            assert not any((user, item) in had for item in items)
        if surface == "buy_again":
            assert all((user, item) in had for item in items)
        if surface == "new_for_you":
            assert all(is_new[item] for item in items)
        groups = one.groupby("anchor", sort=False)["score"] if surface == "because_you" else [("", one["score"])]
        assert all(scores.is_monotonic_decreasing for _, scores in groups)
        if surface == "because_you":
            assert (
                (one["anchor"] != one["anchor"].shift()).sum()
                == one["anchor"].nunique()
                <= with_.lists.because_you.anchors
            )
            assert (
                one["anchor"]
                .value_counts()
                .between(with_.lists.because_you.min_items, with_.lists.because_you.items)
                .all()
                or len(items) == with_.lists.lake_items
            )
        elif with_.lists.max_per_category:
            counts = pd.Series([category[item] for item in items if category[item]]).value_counts()
            assert (counts <= with_.lists.max_per_category).all()
        if surface in ("for_you", "discover"):
            for length in range(1, len(items) + 1):
                n_new = sum(bool(is_new[item]) for item in items[:length])
                assert n_new <= with_.lists.new_items.at_most * length + 1e-9


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), limits=LIMITS, batch=st.integers(1, 7))
def test_batches_give_what_the_whole_gives(seed: int, limits: dict[str, object], batch: int) -> None:
    world, with_ = World(seed), app(**limits)
    whole = rows_of(world, with_)
    before = user_lists.BATCH_USERS
    user_lists.BATCH_USERS = batch
    try:
        parts = rows_of(world, with_)
    finally:
        user_lists.BATCH_USERS = before
    key = ["surface", "key", "rank"]
    pd.testing.assert_frame_equal(
        whole.sort_values(key, ignore_index=True), parts.sort_values(key, ignore_index=True), check_exact=True
    )


def test_without_candidates_a_user_is_given_the_segment_s_list() -> None:
    world, with_ = World(5), app(lake_items=5)
    rows = rows_of(world, with_)
    first = rows[(rows["key"] == ids(1, "u")[0]) & (rows["surface"] == "for_you")]
    assert len(first) == 5
    assert set(first["model"]) == {"rules"}
    assert set(first["reason"]) <= {"popular", "popular_in_segment"}
