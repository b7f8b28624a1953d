from datetime import UTC, datetime

import pandas as pd
import pytest

from jobs.core.config import load_settings
from jobs.core.schemas import USER_STATUS
from jobs.core.surfaces import USER_SURFACES
from jobs.datasets import serving
from jobs.features.online import ONLINE_VIEWS, PERSONAL_LISTS
from jobs.features.serving import PREDICTION_VIEWS, PROFILE_VIEWS, RECS_FOR_YOU

END = datetime(2025, 3, 4, tzinfo=UTC)
ACTIVITY = load_settings("sample").activity.model_copy(update={"days": 90, "new_days": 7})


def statuses(**by_user: str) -> pd.DataFrame:
    rows = [(user, status, pd.Timestamp(END)) for user, status in by_user.items()]
    return pd.DataFrame(rows, columns=list(USER_STATUS.column_names))


def user_serving(status: pd.DataFrame) -> pd.DataFrame:
    activity = pd.DataFrame(
        {"user_id": ["a", "b", "c", "d"], "tenure_days": [100, 100, 100, 1], "days_since_event": [0, 0, 90, 0]}
    )
    return serving.build_user_serving(activity, (), status, ACTIVITY, END)


def test_every_known_user_has_a_segment_and_a_status() -> None:
    rows = user_serving(statuses(b="opted_out", c="deleted", stranger="deleted"))
    assert list(rows.columns) == list(ONLINE_VIEWS["user_serving"].table.column_names)
    assert rows["user_id"].tolist() == ["a", "b", "c", "d"]
    assert rows["segment"].tolist() == ["active", "active", "dormant", "new"]
    assert rows["status"].tolist() == ["active", "opted_out", "deleted", "active"]


@pytest.mark.parametrize(("status", "personal"), [("active", {"a", "b", "d"}), ("opted_out", {"a", "d"})])
def test_dormant_and_opted_out_users_have_no_rows_of_their_own(status: str, personal: set[str]) -> None:
    users = serving.personal_users(user_serving(statuses(b=status)))
    assert users == personal


def test_delisted_are_the_blocked_ones_and_those_that_cannot_be_had() -> None:
    profiles = pd.DataFrame({"item_id": ["a", "b"], "is_available": [True, False]})
    assert serving.delisted_items(profiles, ["z"]) == {"b", "z"}
    assert serving.delisted_items(profiles.iloc[:0], []) == set()


def test_withdrawn_items_leave_lists_and_nothing_else() -> None:
    lists = {"items": [["p", "q"], ["q"], ["p"]], "scores": [[1.0, 0.5], [1.0], [1.0]]}
    frames = {
        "recs_for_you": pd.DataFrame({"user_id": ["a", "b", "c"], **lists}),
        "churn": pd.DataFrame({"user_id": ["a"], "probability": [0.5]}),
    }
    left = serving.withdraw_items(frames, {"q"})
    own = left["recs_for_you"]
    assert own["user_id"].tolist() == ["a", "c"]
    assert own["items"].tolist() == [["p"], ["p"]]
    assert own["scores"].tolist() == [[1.0], [1.0]]
    assert left["churn"] is frames["churn"]
    assert frames["recs_for_you"]["items"].tolist() == [["p", "q"], ["q"], ["p"]]


def test_each_view_takes_its_own_prediction() -> None:
    said = {"reasons": [["here today"]], "action": "", "is_prior": False, "model": "m"}
    numbers = {"probability": [0.5], "expected": [2.0], "low": [1.0], "high": [3.0], "days": [[]], "curve": [[]]}
    rows = pd.concat(
        [pd.DataFrame({"user_id": ["a"], "prediction": name, **numbers, **said}) for name in ("churn", "x")]
    )
    told = serving.build_predictions(rows, END)
    assert told["churn"]["probability"].tolist() == [0.5]
    assert told["value"].empty


def test_withdrawn_users_lose_what_their_status_takes() -> None:
    frames = {name: pd.DataFrame({view.key: ["a", "b", "c"]}) for name, view in ONLINE_VIEWS.items()}
    frames["user_serving"]["status"] = "active"
    left = serving.withdraw_users(frames, statuses(a="opted_out", b="deleted", stranger="deleted"))
    users = {name: list(frame["user_id"]) for name, frame in left.items() if "user_id" in frame}
    assert users == {
        "user_activity": ["a", "c"],
        "user_item_affinity": ["a", "c"],
        "user_category_affinity": ["a", "c"],
        **{name: ["c"] for name in PERSONAL_LISTS},
        **{view.name: ["c"] for view in PREDICTION_VIEWS},
        **{view.name: ["c"] for view in PROFILE_VIEWS},
        "user_serving": ["a", "b", "c"],
    }
    assert set(PERSONAL_LISTS) == {f"recs_{surface}" for surface in USER_SURFACES}
    assert RECS_FOR_YOU.view.name in PERSONAL_LISTS
    assert left["user_serving"]["status"].tolist() == ["opted_out", "deleted", "active"]
    assert len(left["item_popularity"]) == len(left["items_similar"]) == 3
    assert frames["user_serving"]["status"].eq("active").all()


def test_users_at_rest_are_dormant_unless_they_have_returned() -> None:
    activity = pd.DataFrame({"user_id": ["a"], "tenure_days": [30], "days_since_event": [0]})
    rows = serving.build_user_serving(activity, ["a", "z", "z"], statuses(z="opted_out"), ACTIVITY, END)
    assert rows[["user_id", "segment", "status"]].to_numpy().tolist() == [
        ["a", "active", "active"],
        ["z", "dormant", "opted_out"],
    ]


def test_profiles_are_of_those_with_personal_rows_and_the_stage_of_all() -> None:
    users = ["a", "b"]
    hour = {"weekday": 1, "hour": 9, "time_zone": "UTC", "expected_gain": 0.5, "based_on": "own"}
    tables = {
        "user_segment": pd.DataFrame({"user_id": users, "segment": ["s2", "s1"], "certainty": 0.5}),
        "user_stage": pd.DataFrame({"user_id": users, "stage": ["new", "lost"]}),
        "send_time": pd.DataFrame({"user_id": users}).assign(**hour),
        "next_interest": pd.DataFrame(
            {"user_id": users, "categories": [["x"]] * 2, "shares": [[1.0]] * 2, "based_on": "own"}
        ),
    }
    segments = pd.DataFrame({"segment": ["s1", "s2"], "title": ["comes often", "comes seldom"]})
    found = serving.build_profiles(tables, segments, {"a"}, END)

    assert {name: frame["user_id"].tolist() for name, frame in found.items()} == {
        "user_segment": ["a"],
        "user_stage": ["a", "b"],
        "send_time": ["a"],
        "next_interest": ["a"],
    }
    assert found["user_segment"]["title"].tolist() == ["comes seldom"]
    empty = serving.build_profiles({name: rows[:0] for name, rows in tables.items()}, segments[:0], {"a"}, END)
    assert all(frame.empty for frame in empty.values())
