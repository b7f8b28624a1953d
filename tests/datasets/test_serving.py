from datetime import UTC, datetime

import pandas as pd
import pytest

from jobs.adapters.lake.arrow import empty_pandas
from jobs.core.config import load_settings
from jobs.core.output_schemas import RECOMMENDATIONS
from jobs.core.schemas import USER_STATUS
from jobs.datasets import serving
from jobs.features.online import ONLINE_VIEWS
from jobs.features.serving import EVERYBODY_FOR_YOU, RECS_FOR_YOU

END = datetime(2025, 3, 4, tzinfo=UTC)
ACTIVITY = load_settings("sample").activity.model_copy(update={"days": 90, "new_days": 7})


def recommendations(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    """Rows of (entity, key, rank, item)."""
    full = [
        (entity, key, "for_you", rank, item, 1 / rank, "popular", "", "als", "m") for entity, key, rank, item in rows
    ]
    return pd.DataFrame(full, columns=list(RECOMMENDATIONS.column_names))


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
    rows = recommendations(*(("user", user, 1, "i") for user in "abcd"), ("segment", "c", 1, "i"))
    kept = serving.keep_personal(rows, users)
    assert set(kept.loc[kept["entity"] == "user", "key"]) == personal
    assert (kept["entity"] == "segment").sum() == 1


def test_lists_are_parallel_in_the_order_of_rank_and_cut() -> None:
    rows = recommendations(("user", "b", 3, "z"), ("user", "b", 1, "x"), ("user", "a", 1, "q"), ("user", "b", 2, "y"))
    lists = serving.build_lists(rows, RECS_FOR_YOU, "for_you", 2, END)
    assert lists["user_id"].tolist() == ["a", "b"]
    assert lists["items"].tolist() == [["q"], ["x", "y"]]
    assert lists["scores"].tolist() == [[1.0], [1.0, 0.5]]
    assert lists["anchors"].tolist() == [[""], ["", ""]]
    assert lists["model"].tolist() == ["m", "m"]
    assert lists["event_timestamp"].eq(pd.Timestamp(END)).all()


def test_a_rung_takes_its_own_entity_and_surface_only() -> None:
    rows = recommendations(("user", "everybody", 1, "x"), ("everybody", "everybody", 1, "y"))
    assert serving.build_lists(rows, EVERYBODY_FOR_YOU, "for_you", 20, END)["items"].tolist() == [["y"]]
    assert serving.build_lists(rows, EVERYBODY_FOR_YOU, "elsewhere", 20, END).empty


def test_no_recommendations_give_a_frame_with_all_columns() -> None:
    lists = serving.build_lists(empty_pandas(RECOMMENDATIONS), RECS_FOR_YOU, "for_you", 20, END)
    assert list(lists.columns) == list(RECS_FOR_YOU.table.column_names)
    assert lists.empty


def test_churn_takes_its_own_prediction() -> None:
    rows = pd.DataFrame(
        [("a", "churn", 0.5, "m"), ("a", "purchase", 0.1, "n")],
        columns=["user_id", "prediction", "probability", "model"],
    )
    assert serving.build_churn(rows, END)["probability"].tolist() == [0.5]


def test_withdrawn_users_lose_what_their_status_takes() -> None:
    frames = {name: pd.DataFrame({view.key: ["a", "b", "c"]}) for name, view in ONLINE_VIEWS.items()}
    frames["user_serving"]["status"] = "active"
    left = serving.withdraw_users(frames, statuses(a="opted_out", b="deleted", stranger="deleted"))
    users = {name: list(frame["user_id"]) for name, frame in left.items() if "user_id" in frame}
    assert users == {
        "user_activity": ["a", "c"],
        "user_item_affinity": ["a", "c"],
        "user_category_affinity": ["a", "c"],
        "recs_for_you": ["c"],
        "churn": ["c"],
        "user_serving": ["a", "b", "c"],
    }
    assert left["user_serving"]["status"].tolist() == ["opted_out", "deleted", "active"]
    assert len(left["item_popularity"]) == 3
    assert frames["user_serving"]["status"].eq("active").all()


def test_users_at_rest_are_dormant_unless_they_have_returned() -> None:
    activity = pd.DataFrame({"user_id": ["a"], "tenure_days": [30], "days_since_event": [0]})
    rows = serving.build_user_serving(activity, ["a", "z", "z"], statuses(z="opted_out"), ACTIVITY, END)
    assert rows[["user_id", "segment", "status"]].to_numpy().tolist() == [
        ["a", "active", "active"],
        ["z", "dormant", "opted_out"],
    ]
