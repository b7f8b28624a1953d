from datetime import date

import numpy as np
import pandas as pd

from jobs.datasets.history import COUNTS, History
from jobs.evaluation.groups import GroupRules, build_groups

CUT = date(2025, 3, 10)
SMALL = GroupRules(min_users=1, few_rows=2, max_places=2)


def history(goals, countries=None, extra=()):
    """User u has one row for each number: what was reached on a day of its own."""
    users = sorted([*goals, *extra])
    rows = [
        {
            "user_id": user,
            "item_id": "a",
            "event_day": pd.Timestamp(CUT) - pd.Timedelta(days=n),
            "first_event_time": pd.Timestamp(CUT),
            **dict.fromkeys(COUNTS, 0),
            "n_purchases": count,
        }
        for user, counts in goals.items()
        for n, count in enumerate(counts)
    ]
    places = pd.DataFrame(
        [{"user_id": user, "country": country, "platform": None} for user, country in (countries or {}).items()]
    )
    return History.from_frame(pd.DataFrame(rows), CUT, "purchases", places, users=np.array(users, dtype=np.str_))


def named(found):
    return {group.name: group.users.tolist() for group in found}


def test_terciles_are_of_the_judged_and_users_on_a_border_are_in_the_lower_one():
    known = history({"a": [1], "b": [1], "c": [1, 1], "d": [3], "e": [9], "f": [9]})
    found = named(build_groups(known, np.arange(6), SMALL))
    assert found["activity.light"] == [0, 1]
    assert found["activity.medium"] == [2, 3]
    assert found["activity.heavy"] == [4, 5]
    # Positions are rows of the judged users.
    assert named(build_groups(known, np.array([2, 3, 4]), SMALL))["activity.light"] == [0]


def test_equal_users_are_never_apart():
    found = named(build_groups(history({"a": [2], "b": [2], "c": [2]}), np.arange(3), SMALL))
    assert found["activity.light"] == [0, 1, 2]
    assert "activity.medium" not in found


def test_cold_users_are_apart():
    known = history({"a": [1], "b": [1, 1]}, extra=("new",))
    found = named(build_groups(known, np.arange(3), SMALL))
    assert found["all"] == [0, 1]
    assert found["cold.no_history"] == [2]
    assert found["cold.few_rows"] == [0]
    assert 2 not in found["activity.light"]


def test_only_the_largest_places_are_told_apart_and_one_alone_is_not():
    goals = {user: [1] for user in "abcdef"}
    places = {"a": "FR", "b": "FR", "c": "DE", "d": "DE", "e": "UK"}
    found = named(build_groups(history(goals, places), np.arange(6), SMALL))
    assert [name for name in found if name.startswith("country")] == ["country.DE", "country.FR"]
    assert found["country.FR"] == [0, 1]
    alone = named(build_groups(history(goals, dict.fromkeys("abcdef", "FR")), np.arange(6), SMALL))
    assert not [name for name in alone if name.startswith(("country", "platform"))]


def test_small_groups_are_left_out_but_all_stays():
    found = named(build_groups(history({"a": [1], "b": [2], "c": [3]}), np.arange(3), GroupRules()))
    assert found == {"all": [0, 1, 2]}
    assert named(build_groups(history({"a": [1]}), np.empty(0, np.int64), SMALL)) == {"all": []}


def test_where_nobody_has_a_history_all_are_all():
    found = named(build_groups(history({"a": [1]}, extra=("b", "c")), np.array([1, 2]), SMALL))
    assert found == {"all": [0, 1], "cold.no_history": [0, 1]}
