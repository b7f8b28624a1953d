"""Groups of behaviour: found, named, kept."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_worlds import PROFILES, activity_of, habits_of, no_pairs, touches, visits_at

from jobs.core.errors import ModelError
from jobs.models.profiles.behaviour import Behaviour, build_behaviour
from jobs.models.profiles.mixture import fit_mixture, one_hot, start_members
from jobs.models.profiles.segment_identity import match_groups
from jobs.models.profiles.segment_table import build_segment_tables
from jobs.models.profiles.segment_words import name_traits
from jobs.models.profiles.segments import learn_groups

SETTINGS = PROFILES.segments.model_copy(update={"restarts": 2, "most": 4})
PLANTED = np.repeat([0, 1, 2], 60)
HOURS = np.array([8.0, 14.0, 21.0])[PLANTED]
NOBODY = np.full(len(PLANTED), -1)


def world(seed: int = 7, users: slice = slice(None)) -> Behaviour:
    """Three groups: at 8, at 14 and at 21; each looks at more than the one before, and likes its own category."""
    visits = visits_at(HOURS, 40, seed)
    rng = np.random.default_rng(seed)
    shown = 40 * np.array([2.0, 6.0, 15.0])[PLANTED] * rng.lognormal(0, 0.15, len(PLANTED))
    active = activity_of(len(PLANTED))
    liked = touches(active["user_id"].to_numpy(), np.array(["books", "games", "lamps"])[PLANTED])
    habits = habits_of(visits, n_shown=shown.astype(int))
    return build_behaviour(active[users], habits, liked, SETTINGS.taste_prior)


def same_groups(left: np.ndarray, right: np.ndarray) -> float:
    """Share of users on the best diagonal."""
    table = pd.crosstab(left, right).to_numpy()
    return float(table.max(axis=1).sum() / table.sum())


def test_the_mixture_finds_groups_of_any_shape() -> None:
    rng = np.random.default_rng(7)
    label = rng.integers(0, 3, 600)
    stretched = rng.normal(size=(600, 2)) @ np.array([[2.0, 0.0], [0.9, 0.4]])
    points = stretched + np.array([[0.0, 0.0], [0.0, 6.0], [8.0, 0.0]])[label]
    points = points / points.std(axis=0)
    starts = [(k, start) for k in (2, 3, 4) for start in range(3)]
    fitted = [fit_mixture(points, start_members(points, k, np.random.default_rng((k, start)))) for k, start in starts]

    best = min(fitted, key=lambda mixture: mixture.criterion(len(points)))
    member = best.member(points)
    assert len(best.share) == 3
    assert same_groups(label, member.argmax(axis=1)) > 0.95
    np.testing.assert_allclose(member.sum(axis=1), 1.0)
    np.testing.assert_allclose(best.share.sum(), 1.0)


def test_a_step_never_loses_likelihood() -> None:
    points = np.random.default_rng(3).normal(size=(80, 3))
    member = one_hot(np.arange(80) % 4, 4)
    once = fit_mixture(points, member)
    again = fit_mixture(points, once.member(points))
    assert again.log_likelihood >= once.log_likelihood - 1e-3


def test_planted_groups_are_found_and_told() -> None:
    behaviour = world()
    grouping = learn_groups(behaviour, NOBODY, SETTINGS, 50)
    previous = pd.Series([""] * len(PLANTED), dtype=object)
    segments, users = build_segment_tables(behaviour, visits_at(HOURS, 40), grouping, previous, pd.DataFrame())

    assert grouping.n_groups == 3
    assert same_groups(PLANTED, grouping.label) > 0.95
    assert segments["segment"].tolist() == ["s1", "s2", "s3"]
    assert segments["n_users"].sum() == len(users) == len(PLANTED)
    late = segments[segments["segment"] == users["segment"].iloc[-1]].iloc[0]
    assert any("21:00" in trait or "20:00" in trait for trait in late["traits"])
    assert "looks through much in a visit" in late["traits"]
    assert late["traits"][-1] == "likes lamps"
    assert segments["moved_share"].tolist() == [0.0] * 3
    assert segments["is_new"].all()


def test_groups_keep_their_ids_over_a_night() -> None:
    first = learn_groups(world(7), NOBODY, SETTINGS, 50)
    none = pd.Series([""] * len(PLANTED), dtype=object)
    segments, users = build_segment_tables(world(7), visits_at(HOURS, 40), first, none, pd.DataFrame())
    yesterday = np.array([int(name[1:]) for name in users["segment"]])
    second = learn_groups(world(8), yesterday, SETTINGS, 50)
    after, now = build_segment_tables(world(8), visits_at(HOURS, 40, 8), second, users["segment"], segments)

    assert second.is_kept
    assert after["segment"].tolist() == ["s1", "s2", "s3"]
    assert (now["segment"] == users["segment"]).mean() > 0.95
    assert after["moved_share"].max() <= 0.05
    assert 0 < after["drift"].max() < 0.5
    assert not after["is_new"].any()
    assert after["n_named"].tolist() == [3] * 3


@given(st.permutations(range(4)), st.integers(0, 3))
def test_relabelled_groups_have_the_same_names(order: list[int], gone: int) -> None:
    before = pd.Series([f"s{number + 2}" for number in range(4) for _ in range(5)], dtype=object)
    label = np.repeat(np.array(order), 5)
    found = match_groups(label, 4, before, 5)
    assert [found.names[group] for group in label] == before.tolist()
    assert found.n_named == 5

    unknown = before.where(label != gone, "")
    again = match_groups(label, 4, unknown, 5)
    assert again.names[gone] == "s6"
    assert again.is_new.sum() == 1


def test_no_name_is_given_twice() -> None:
    label = np.repeat([0, 1, 2], 5)
    found = match_groups(label, 3, pd.Series(["s1"] * 5 + [""] * 10, dtype=object), 9)
    assert found.names == ("s1", "s10", "s11")


@pytest.mark.parametrize("few", [0, 1, 20])
def test_too_few_users_make_no_groups(few: int) -> None:
    with pytest.raises(ModelError, match=f"{few} users with 20 or more hours"):
        learn_groups(world(users=slice(few)), NOBODY[:few], SETTINGS, 50)


def test_users_without_any_difference_make_no_groups() -> None:
    same = build_behaviour(activity_of(100), habits_of(np.ones((100, 24))), no_pairs(), 12.0)
    with pytest.raises(ModelError, match="no habit differs"):
        learn_groups(same, np.full(100, -1), SETTINGS, 50)


def test_users_of_whom_nothing_is_known_are_put_somewhere() -> None:
    active = activity_of(len(PLANTED) + 5)
    visits = visits_at(HOURS, 40)
    behaviour = build_behaviour(active, habits_of(visits), no_pairs(), 12.0)
    grouping = learn_groups(behaviour, np.full(len(active), -1), SETTINGS, 50)
    assert len(grouping.label) == len(active)
    assert np.isfinite(grouping.certainty).all()


def test_habits_without_difference_are_not_told_and_shares_are_shrunk() -> None:
    behaviour = world()
    assert "pays" not in behaviour.habits
    assert {"hour", "much"} <= set(behaviour.habits)
    assert behaviour.taste.columns.tolist() == ["books", "games", "lamps"]
    assert behaviour.taste["books"].iloc[0] > 0 > behaviour.taste["books"].iloc[-1]


def test_traits_are_told_most_telling_first() -> None:
    names = ("hour", "often", "pays", "likes books", "likes games", "likes lamps")
    assert name_traits(names, np.array([0.1, 1.5, -2.0, 0.9, -3.0, 0.5]), 20) == [
        "leaves carts unpaid",
        "comes often",
        "likes books and lamps",
    ]
    assert name_traits(names, np.zeros(6), 20) == ["like everybody"]
    assert name_traits(names, np.array([1.0, 0, 0, 0, 0, 0]), 7) == ["comes around 07:00"]
