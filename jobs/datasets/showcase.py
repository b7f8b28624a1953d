"""Which users to look at after a night."""

from collections.abc import Collection

import pandas as pd


def pick_users(activity: pd.DataFrame, personal: Collection[str]) -> list[str]:
    """Three different users: the most active, a middle one, and the newest.

    Parameters
    ----------
    activity
        One row per known user: user_id, activity, tenure_days.
    personal
        Users with lists of their own; the others are not picked.

    Returns
    -------
    list of str
        Up to three ids, fewer where there are fewer users. Equal users go by activity, then by id.
    """
    rows = activity[activity["user_id"].isin(list(personal))]
    by_activity = rows.sort_values(["activity", "user_id"], ascending=[False, True])["user_id"].tolist()
    by_tenure = rows.sort_values(["tenure_days", "activity", "user_id"], ascending=[True, False, True])
    picked = [*by_activity[:1], *by_activity[len(by_activity) // 2 :][:1]]
    newest = [user for user in by_tenure["user_id"] if user not in picked]
    return list(dict.fromkeys([*picked, *newest[:1]]))
