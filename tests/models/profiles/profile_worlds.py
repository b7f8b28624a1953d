"""Small worlds of users whose habits are planted."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from jobs.core.config import load_settings

PROFILES = load_settings("sample").profiles


def names(count: int) -> npt.NDArray[np.object_]:
    return np.array([f"u{number:04d}" for number in range(count)], dtype=object)


def habits_of(visits: npt.NDArray[Any], **changes: Any) -> pd.DataFrame:
    """Rows of `user_habits_state`; ``visits`` has the shape (n, 24)."""
    n = len(visits)
    nothing = [[0] * 24 for _ in range(n)]
    rows = {
        "user_id": names(n),
        "visit_hours": visits.astype(int).tolist(),
        "weekdays": [[1] * 7 for _ in range(n)],
        "sent_hours": nothing,
        "opened_hours": nothing,
        "n_shown": 0,
        "n_opened": 0,
        "n_wanted": 0,
        "n_bought": 0,
        "time_zone": None,
    }
    return pd.DataFrame({**rows, **changes})


def visits_at(hours: npt.NDArray[Any], count: int, seed: int = 7) -> npt.NDArray[np.float64]:
    """Visits about an hour of each user, two hours wide: shape (n, 24)."""
    rng = np.random.default_rng(seed)
    drawn = np.floor(hours[:, None] + rng.normal(0.0, 2.0, (len(hours), count))).astype(int) % 24
    return np.stack([np.bincount(row, minlength=24) for row in drawn]).astype(np.float64)


def activity_of(n: int, **changes: Any) -> pd.DataFrame:
    """What groups read of `user_activity`."""
    rows = {"user_id": names(n), "n_active_days": 30, "tenure_days": 100, "days_since_event": 1}
    return pd.DataFrame({**rows, **changes})


def no_pairs() -> pd.DataFrame:
    """Users who met no item."""
    columns = {"user_id": object, "n_events": "int64", "n_purchases": "int64", "is_wanted": bool}
    return pd.DataFrame(
        {name: pd.Series([], dtype=kind) for name, kind in {**columns, "category": object}.items()}
    ).assign(
        price=pd.Series([], dtype="float64"),
        affinity=pd.Series([], dtype="float64"),
        met=pd.Series([], dtype="float64"),
    )


def touches(of_users: npt.NDArray[Any], category: npt.NDArray[Any], affinity: float = 1.0) -> pd.DataFrame:
    """One pair per user and category given."""
    return pd.DataFrame(
        {
            "user_id": of_users,
            "n_events": 5,
            "n_purchases": 0,
            "is_wanted": True,
            "category": category.astype(object),
            "price": 10.0,
            "affinity": affinity,
            "met": 5.0,
        }
    )
