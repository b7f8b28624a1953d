"""The parts of lists: what was had, anchors, rows of because_you, filling, and lists of items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surface_worlds import World, app, candidates, history, neighbours

from jobs.models.surfaces import anchors as anchors_module
from jobs.models.surfaces.anchors import Anchors
from jobs.models.surfaces.because import because_you
from jobs.models.surfaces.filling import filled
from jobs.models.surfaces.had import Had
from jobs.models.surfaces.item_lists import build_item_lists
from jobs.models.surfaces.pool import Pool, empty_pool


def grid(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int32)


def pool(items: np.ndarray, scores: list[list[float]]) -> Pool:
    return Pool.of_items(items, np.array(scores, np.float32), np.zeros(items.shape, np.int16))


def test_had_by_whom() -> None:
    had = Had.of(history([(0, 1, 3), (0, 1, 9), (2, 0, 0)], 3, 4))
    assert had.contains(grid([1, 0, -1], [1, 0, 2], [0, 3, -1])).tolist() == [
        [True, False, False],
        [False, False, False],
        [True, False, False],
    ]
    assert (had.n_days.tolist(), had.first_age.tolist(), had.last_age.tolist()) == ([2, 1], [9, 0], [3, 0])


@pytest.mark.parametrize(
    ("ages", "due"),
    [
        ((40, 30, 20, 10), True),
        ((45, 35, 25, 15), True),
        ((40, 30, 20, 2), False),
        ((46, 36, 26, 16), False),
        ((30, 15), False),
    ],
)
def test_due_is_what_was_had_in_a_rhythm_that_comes_round(ages: tuple[int, ...], due: bool) -> None:
    had = Had.of(history([(0, 1, age) for age in ages], 1, 2))
    assert had.is_due(grid([1, 0])).tolist() == [[due, False]]


def test_nothing_was_had() -> None:
    had = Had.of(history([], 2, 3))
    assert not had.contains(grid([0, 1], [2, -1])).any()
    assert not had.is_due(grid([0, 1], [2, -1])).any()


def test_the_anchor_is_the_item_had_that_says_most() -> None:
    had = history([(0, 0, 0), (0, 1, 0), (1, 2, 0)], 2, 5).matrix()
    said = neighbours({(0, 3): 0.5, (1, 3): 0.5, (1, 4): 0.25, (0, 1): 1.0, (2, 4): 0.125}, 5)
    found = Anchors(said).of(grid([3, 4, 1, 2, -1], [3, 4, -1, -1, -1]), had)
    assert found.tolist() == [[0, 1, 0, -1, -1], [-1, 2, -1, -1, -1]]
    assert (Anchors(None).of(grid([3], [4]), had) == -1).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), nearest=st.sampled_from([2, 40]), cells=st.sampled_from([1, 100, 10_000]))
def test_anchors_as_by_loops(seed: int, nearest: int, cells: int) -> None:
    world = World(seed)
    had, said = world.history.matrix(half_life_days=30), world.neighbours.toarray()
    items = np.array([np.random.default_rng(seed + user).permutation(30)[:8] for user in range(7)], dtype=np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(anchors_module, "NEAREST", nearest)
        patch.setattr(anchors_module, "BATCH_CELLS", cells)
        found = Anchors(world.neighbours).of(items, had)
    for user, listed in enumerate(items):
        for place, item in enumerate(listed):
            near = np.lexsort((np.arange(30), -said[:, item]))[:nearest]
            weights = had[user].toarray().ravel() * said[:, item]
            first = np.where(np.isin(np.arange(30), near), weights, 0)
            asked = first if first.any() else weights
            assert found[user, place] == (asked.argmax() if asked.any() else -1)


def test_an_item_stands_below_the_anchor_that_says_most_for_it() -> None:
    had = history([(0, 0, 1), (0, 1, 5)], 1, 5)
    said = neighbours({(0, 2): 0.5, (1, 2): 1.0, (0, 3): 1.0, (1, 4): 0.5, (0, 1): 1.0}, 5)
    scored = candidates({(0, item): float(item) for item in range(1, 5)}, 1, had)
    found = because_you(
        scored, had.matrix(half_life_days=30), Had.of(had), said, np.ones(5, np.bool_), True,
        app(because_you={"min_items": 1}).lists.because_you, 4,
    )  # fmt: skip
    assert found.items.tolist() == [[3, 4, 2, -1]]
    assert found.anchors.tolist() == [[0, 1, 1, -1]]
    assert found.scores[0].tolist() == pytest.approx([1.0 * 2 / 3, 0.5, 1.0 / 3, 0])


def test_filling_lies_below_and_passes_over_what_is_there() -> None:
    own = pool(grid([5, 6, -1], [-1, -1, -1], [1, 2, 3]), [[2.0, 1.0, 0], [0, 0, 0], [3, 2, 1]])
    filling = pool(grid([6, 7, 8, 9], [6, 7, 8, 9], [6, 7, 8, 9]), [[9.0, 8, 7, 6]] * 3)
    left_out = np.zeros((3, 4), np.bool_)
    left_out[0, 1] = left_out[1, 0] = True
    found = filled(own, filling, 4, left_out)
    assert found.items.tolist() == [[5, 6, 8, 9], [7, 8, 9, -1], [1, 2, 3, 6]]
    assert found.is_filling.tolist() == [[False, False, True, True], [True, True, True, False], [False] * 3 + [True]]
    assert found.scores[0, 1] == 1 > found.scores[0, 2] > found.scores[0, 3] > 0.9
    assert found.scores[1].tolist() == [8, 7, 6, 0]


def test_long_lists_are_not_filled() -> None:
    own = pool(grid([5, 6]), [[2.0, 1.0]])
    assert filled(own, pool(grid([7]), [[1.0]]), 2, np.zeros((1, 1), np.bool_)).items.tolist() == [[5, 6]]
    assert filled(own, empty_pool(1, 0), 3, np.zeros((1, 0), np.bool_)).items.tolist() == [[5, 6, -1]]


def test_lists_of_items_are_their_nearest_that_may_be_shown() -> None:
    said = neighbours({(0, 1): 0.5, (0, 2): 0.5, (0, 3): 0.9, (2, 0): 0.1, (1, 3): 0.4}, 4)
    found = build_item_lists("similar", said, np.array([True, True, True, False]), 2)
    assert found.items.tolist() == [[1, 2], [-1, -1], [0, -1], [-1, -1]]
    assert found.anchors.tolist() == [[0, 0], [-1, -1], [2, -1], [-1, -1]]
    assert found.scores[0].tolist() == [0.5, 0.5]
