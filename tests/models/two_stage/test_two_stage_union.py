from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from small_past import Bought, events_of, past_of

from jobs.datasets.history import History
from jobs.models.two_stage.union import Pairs, best_new, union_of

CUT = date(2025, 3, 31)
ALL = np.ones(4, dtype=np.bool_)


def history_of(rows: list[Bought]) -> History:
    """Over items a to d: they all occur in the rows of somebody."""
    named = [("z", item, "2025-03-01") for item in "abcd"]
    history = past_of(events_of([*rows, *named]), CUT).history
    return history.take(np.flatnonzero(history.users != "z"))


@pytest.fixture
def one() -> History:
    """Of u, who bought a twice of late and b once long ago."""
    return history_of([("u", "a", "2025-03-20"), ("u", "a", "2025-03-30"), ("u", "b", "2025-01-01")])


def test_best_new_items_of_each_source_and_own_ones_are_candidates(one: History) -> None:
    first = np.array([[9, 8, 3, 2]], dtype=np.float32)
    second = np.array([[0, 0, 1, 2]], dtype=np.float32)

    pairs = union_of([first, second], one, ALL, new_per_source=1, own_items=10)

    assert pairs.item.tolist() == [0, 1, 2, 3]
    assert pairs.is_had.tolist() == [True, True, False, False]


def test_a_score_of_nothing_proposes_nothing(one: History) -> None:
    pairs = union_of([np.array([[0, 0, -1, 0.5]], dtype=np.float32)], one, ALL, new_per_source=4, own_items=10)

    assert pairs.item.tolist() == [0, 1, 3]


def test_own_items_are_cut_to_the_most_wished_for(one: History) -> None:
    pairs = union_of([np.zeros((1, 4), np.float32)], one, ALL, new_per_source=2, own_items=1)

    assert pairs.item.tolist() == [0]


def test_nobody_gets_what_is_not_available(one: History) -> None:
    available = np.array([False, True, True, False])

    pairs = union_of([np.ones((1, 4), np.float32)], one, available, new_per_source=4, own_items=10)

    assert pairs.item.tolist() == [1, 2]


def test_items_that_a_source_holds_equal_are_proposed_together(one: History) -> None:
    pairs = union_of([np.ones((1, 4), np.float32)], one, ALL, new_per_source=1, own_items=0)

    assert pairs.item.tolist() == [2, 3]


def test_what_was_only_looked_at_is_a_candidate_that_was_not_had(one: History) -> None:
    looked = replace(one, goal=np.where(one.item == 1, np.float32(0), one.goal))

    pairs = union_of([np.zeros((1, 4), np.float32)], looked, ALL, new_per_source=1, own_items=10)

    assert pairs.item.tolist() == [0, 1]
    assert pairs.is_had.tolist() == [True, False]


def test_a_user_without_history_gets_what_sources_propose() -> None:
    history = history_of([("u", "a", "2025-03-20"), ("v", "b", "2025-03-20")])
    empty = replace(history, users=np.array(["t", "u", "v"]), user=history.user + np.int32(1))

    pairs = union_of([np.ones((3, 4), np.float32)], empty, ALL, new_per_source=4, own_items=10)

    assert np.diff(pairs.starts).tolist() == [4, 4, 4]
    assert not pairs.is_had[pairs.user == 0].any()


def test_of_new_items_those_ranked_best_are_kept_and_own_ones_all() -> None:
    pairs = Pairs(
        (2, 4), np.array([0, 0, 0, 1, 1]), np.array([0, 1, 2, 0, 3]), np.array([False, True, False, False, False])
    )

    kept = best_new(pairs, np.array([1, 9, 2, 3, 3], dtype=np.float32), most=1)

    assert kept.tolist() == [True, True, False, True, False]
