"""Limits against a plain greedy choice, one user and one item at a time."""

from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from surface_worlds import app, neighbours

from jobs.models.surfaces.limits import ItemTraits, Limits, choose
from jobs.models.surfaces.pool import Pool


def pool_of(*rows: list[tuple[int, float]]) -> Pool:
    """Rows of (item, score), best first."""
    width = max(len(row) for row in rows)
    items, scores = np.full((len(rows), width), -1, np.int32), np.zeros((len(rows), width), np.float32)
    for user, row in enumerate(rows):
        for place, (item, score) in enumerate(row):
            items[user, place], scores[user, place] = item, score
    return Pool.of_items(items, scores, np.zeros(items.shape, np.int16))


def traits(
    category: list[int], is_new: list[bool] | None = None, said: dict[tuple[int, int], float] | None = None
) -> ItemTraits:
    new = np.array(is_new or [False] * len(category))
    return ItemTraits(np.array(category, np.int32), new, None if said is None else neighbours(said, len(category)))


def lists(pool: Pool, k: int, limits: Limits, of: ItemTraits) -> list[list[int]]:
    return [[int(item) for item in row if item >= 0] for row in choose(pool, k, limits, of).items]


FIVE = pool_of([(0, 5.0), (1, 4.0), (2, 3.0), (3, 2.0), (4, 1.0)])


def test_without_limits_the_best_are_the_list() -> None:
    assert lists(FIVE, 3, Limits(), traits([0] * 5)) == [[0, 1, 2]]
    assert lists(FIVE, 9, Limits(), traits([0] * 5)) == [[0, 1, 2, 3, 4]]


def test_at_most_n_of_a_category_and_any_number_without_one() -> None:
    assert lists(FIVE, 5, Limits(max_per_category=1), traits([1, 1, 0, 0, 2])) == [[0, 2, 3, 4]]


def test_a_share_of_new_items_holds_at_every_length() -> None:
    new = [False, False, False, True, True]
    assert lists(FIVE, 5, Limits(new_at_least=0.5), traits([0] * 5, new)) == [[0, 3, 1, 4, 2]]
    old = [True, True, True, False, False]
    assert lists(FIVE, 5, Limits(new_at_most=0.4), traits([0] * 5, old)) == [[3, 4, 0]]


def test_an_item_that_moved_up_lends_no_higher_score_to_those_below() -> None:
    chosen = choose(FIVE, 5, Limits(new_at_least=0.5), traits([0] * 5, [False, False, False, True, True]))
    assert chosen.scores[0].tolist() == [5.0, 2.0, 2.0, 1.0, 1.0]


def test_diversity_takes_another_category_and_one_alone_ignores_scores() -> None:
    of = traits([1, 1, 1, 2, 2])
    assert lists(FIVE, 3, Limits(diversity=0.5), of) == [[0, 3, 1]]
    assert lists(FIVE, 2, Limits(diversity=0.1), of) == [[0, 1]]
    assert lists(FIVE, 5, Limits(diversity=1.0), of) == [[0, 3, 1, 2, 4]]


def test_neighbours_are_alike_by_what_the_listed_one_says() -> None:
    of = traits([0] * 5, said={(0, 1): 0.5, (0, 2): 0.25})
    # Shares 1 and 0.5 of what item 0 says for its nearest.
    assert lists(FIVE, 5, Limits(diversity=0.5), of) == [[0, 3, 2, 4, 1]]


def test_settings_apply_where_lists_mix_all_kinds() -> None:
    lists_ = app(diversity=0.3, new_items={"at_least": 0.1}, max_per_category=2).lists
    assert Limits.of(lists_, "for_you") == Limits(2, 0.1, 1.0, 0.3)
    assert Limits.of(lists_, "trending") == Limits(max_per_category=2)
    assert Limits.of(app().lists, "for_you").are_off


def test_equal_shares_need_order() -> None:
    with pytest.raises(ValueError, match="at_least must not be above at_most"):
        app(new_items={"at_least": 0.5, "at_most": 0.25})


def plain(row: list[tuple[int, float]], k: int, limits: Limits, of: ItemTraits) -> list[int]:
    """The same choice by loops."""
    high, low = (row[0][1], row[-1][1]) if row else (0.0, 0.0)
    known = bool(of.category.any()) + (of.neighbours is not None)
    said = None if of.neighbours is None else of.neighbours.toarray()

    def likeness(listed: int, item: int) -> float:
        same = float(of.category[listed] == of.category[item] != 0) if of.category.any() else 0.0
        share = 0.0 if said is None or not said[listed].any() else said[listed, item] / said[listed].max()
        return (same + share) / max(1, known)

    taken: list[int] = []
    while len(taken) < k:
        left = [(item, score) for item, score in row if item not in taken]
        if limits.max_per_category:
            counts = [sum(of.category[other] == of.category[item] for other in taken) for item, _ in left]
            left = [
                pair
                for pair, count in zip(left, counts, strict=True)
                if of.category[pair[0]] == 0 or count < limits.max_per_category
            ]
        n_new, length = int(sum(of.is_new[item] for item in taken)), len(taken) + 1
        if n_new + 1 > floor(length * limits.new_at_most + 1e-9):
            left = [pair for pair in left if not of.is_new[pair[0]]]
        if n_new < floor(length * limits.new_at_least + 1e-9) and any(of.is_new[item] for item, _ in left):
            left = [pair for pair in left if of.is_new[pair[0]]]
        if not left:
            break
        values = [
            (1 - limits.diversity) * ((score - low) / (high - low) if high > low else 0)
            - limits.diversity * max((likeness(listed, item) for listed in taken), default=0.0)
            for item, score in left
        ]
        taken.append(left[int(np.argmax(np.array(values).round(5)))][0])
    return taken


@settings(max_examples=80, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    max_per_category=st.sampled_from([None, 1, 2]),
    shares=st.sampled_from([(0.0, 1.0), (0.3, 1.0), (0.0, 0.3), (0.25, 0.5)]),
    diversity=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
    with_neighbours=st.booleans(),
)
def test_as_a_plain_greedy_choice(
    seed: int, max_per_category: int | None, shares: tuple[float, float], diversity: float, with_neighbours: bool
) -> None:
    random = np.random.default_rng(seed)
    n_items, limits = 12, Limits(max_per_category, *shares, diversity)
    said = {
        (i, j): float(2.0 ** -random.integers(0, 3))
        for i in range(n_items)
        for j in range(n_items)
        if random.random() < 0.2 and i != j
    }
    of = traits(
        random.integers(0, 4, n_items).tolist(),
        (random.random(n_items) < 0.4).tolist(),
        said if with_neighbours else None,
    )
    rows = []
    for n in random.integers(0, n_items + 1, 5):
        # Eighths between 0 and 1, so that values are exact.
        scores = sorted([0.0, 1.0, *(random.integers(0, 9, n_items) / 8)][:n], reverse=True)
        rows.append(list(zip(random.permutation(n_items)[:n].tolist(), scores, strict=True)))
    if not any(rows):
        return
    assert lists(pool_of(*rows), 6, limits, of) == [plain(row, 6, limits, of) for row in rows]
