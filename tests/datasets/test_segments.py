import pandas as pd

from jobs.core.config import load_settings
from jobs.datasets.segments import build_segments


def test_edges_of_dormant_and_new() -> None:
    settings = load_settings("sample").activity.model_copy(update={"days": 90, "new_days": 7})
    activity = pd.DataFrame(
        [("a", 6, 0), ("b", 7, 0), ("c", 400, 89), ("d", 400, 90)],
        columns=["user_id", "tenure_days", "days_since_event"],
    )
    segments = build_segments(activity, settings)
    assert segments.to_dict("list") == {
        "user_id": ["a", "b", "c", "d"],
        "segment": ["new", "active", "active", "dormant"],
    }


def test_no_users_give_no_rows() -> None:
    activity = pd.DataFrame(columns=["user_id", "tenure_days", "days_since_event"])
    assert list(build_segments(activity, load_settings("sample").activity).columns) == ["user_id", "segment"]
