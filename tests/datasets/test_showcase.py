import pandas as pd

from jobs.datasets.showcase import pick_users

ROWS = [("a", 9.0, 50), ("b", 5.0, 40), ("c", 1.0, 3), ("d", 4.0, 2), ("e", 99.0, 90)]


def activity(rows: list[tuple[str, float, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user_id", "activity", "tenure_days"])


def test_the_most_active_a_middle_one_and_the_newest_are_picked() -> None:
    assert pick_users(activity(ROWS), {"a", "b", "c", "d"}) == ["a", "d", "c"]


def test_the_order_of_rows_does_not_matter() -> None:
    assert pick_users(activity(ROWS[::-1]), {"a", "b", "c", "d"}) == ["a", "d", "c"]


def test_equal_users_go_by_id() -> None:
    assert pick_users(activity([("y", 1.0, 5), ("x", 1.0, 5), ("z", 1.0, 5)]), {"x", "y", "z"}) == ["x", "y", "z"]


def test_fewer_users_give_fewer() -> None:
    assert pick_users(activity(ROWS), {"b"}) == ["b"]
    assert pick_users(activity(ROWS), {"b", "c"}) == ["b", "c"]
    assert pick_users(activity(ROWS), set()) == []
