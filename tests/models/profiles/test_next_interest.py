"""Next categories: own wishes first, the group's where there are none."""

from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
from profile_worlds import PROFILES, names, no_pairs, touches

from jobs.models.profiles.next_interest import build_next_interests
from jobs.models.profiles.pairs import place_pairs

SETTINGS = PROFILES.next_interest


def test_own_wishes_rank_and_the_group_fills_up() -> None:
    users = names(60)
    liked = np.array(["books", "games"])[np.arange(60) // 30]
    pairs = pd.concat(
        [touches(users[1:], liked[1:], 20.0), touches(users[:30], np.full(30, "lamps"), 1.0)], ignore_index=True
    )
    pairs = pairs[pairs["user_id"] != users[0]]
    found = build_next_interests(users, pairs, np.arange(60) // 30, 2, SETTINGS)

    assert found["categories"][0][0] == "books"
    assert found["based_on"][0] == "segment"
    assert found["categories"][1] == ["books", "lamps", "games"]
    assert found["categories"][59][0] == "games"
    assert found["based_on"][59] == "own"
    assert all(shares == sorted(shares, reverse=True) for shares in found["shares"])
    assert abs(sum(found["shares"][5]) - 1) < 1e-5


def test_lists_are_no_longer_than_asked_for() -> None:
    users = names(3)
    pairs = touches(np.repeat(users, 12), np.tile([f"c{number:02d}" for number in range(12)], 3))
    found = build_next_interests(users, pairs, np.full(3, -1), 0, SETTINGS)
    assert [len(row) for row in found["categories"]] == [SETTINGS.categories] * 3


def test_without_categories_there_are_no_rows() -> None:
    assert build_next_interests(names(2), no_pairs(), np.full(2, -1), 0, SETTINGS).empty


def test_dislikes_and_unplaced_items_do_not_count() -> None:
    users = names(2)
    pairs = touches(users, np.array(["books", "games"])).assign(affinity=[-2.0, 1.0])
    found = build_next_interests(users, pairs, np.full(2, -1), 0, SETTINGS)
    assert [row[0] for row in found["categories"]] == ["games", "games"]


def test_pairs_are_placed_and_decayed() -> None:
    state = pd.DataFrame(
        {
            "user_id": ["u", "u"],
            "item_id": ["a", "gone"],
            "n_events": [3, 1],
            "n_purchases": [-1, 2],
            "weight": [Decimal("1.5000"), Decimal("0.0000")],
            "affinity": [2.0, 1.0],
            "affinity_day": [date(2025, 1, 1), date(2025, 1, 31)],
        }
    )
    catalogue = pd.DataFrame({"item_id": ["a"], "category": ["books"], "price": [Decimal("9.5000")]})
    found = place_pairs(state, catalogue, date(2025, 1, 31), 30.0)

    assert found["affinity"].tolist() == [1.0, 1.0]
    assert found["met"].tolist() == [1.5, 1.0]
    assert found["n_purchases"].tolist() == [0, 2]
    assert found["is_wanted"].tolist() == [True, False]
    assert found["category"].tolist()[0] == "books"
    assert found["category"].isna().tolist() == [False, True]
    assert found["price"].tolist()[0] == 9.5
