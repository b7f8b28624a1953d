"""All rows of one user as answers."""

from collections.abc import Mapping, Sequence

from nightjar_client.answers import Predictions, Recommendations, Screen, Snapshot, Stamps, View
from nightjar_client.present import SERVING, Present
from nightjar_client.reading import Rows
from nightjar_client.views import OnlineView


def predictions_of(user: str, rows: Rows, present: Present) -> Predictions:
    """What is predicted of a user; nothing of one who opted out or is not known."""
    _, status = present.place(rows)
    views = {name: present.view(row) for name, row in rows.items() if name != SERVING}
    valid = {name: view for name, view in views.items() if view}
    return Predictions(user, status, valid if status == "active" else {}, expired=len(valid) < len(views))


def screen_of(
    user: str, rows: Rows, views: Mapping[str, OnlineView], lists: Sequence[Recommendations], present: Present
) -> Screen:
    """The lists given, predictions and features; predictions of active users only."""
    _, status = present.place(rows)
    valid = _others(rows, views, present)
    stamps = [present.stamps(row) for row in rows.values()] + [one.stamps for one in lists if one.items]
    return Screen(
        user_id=user,
        status=status,
        lists={answer.surface: answer for answer in lists},
        predictions=_of_kind(valid, views, "prediction") if status == "active" else {},
        features=_of_kind(valid, views, "features"),
        stamps=next(filter(None, stamps), Stamps()),
        expired=None in stamps,
    )


def snapshot_of(
    user: str, rows: Rows, views: Mapping[str, OnlineView], surfaces: Sequence[str], present: Present
) -> Snapshot:
    """Lists, predictions and features; lists and predictions of active users only."""
    segment, status = present.place(rows)
    lists = {s: present.list(rows.get(f"recs_{s}"), user, s, "user")[0] for s in surfaces}
    valid = _others(rows, views, present)
    active = status == "active"
    return Snapshot(
        user_id=user,
        segment=segment,
        status=status,
        lists={surface: answer for surface, answer in lists.items() if answer and active},
        predictions=_of_kind(valid, views, "prediction") if active else {},
        features=_of_kind(valid, views, "features"),
        expired=any(present.stamps(row) is None for row in rows.values()),
    )


def _others(rows: Rows, views: Mapping[str, OnlineView], present: Present) -> dict[str, View]:
    """Valid rows that are no lists."""
    others = {name: present.view(row) for name, row in rows.items() if views[name].kind != "list"}
    return {name: view for name, view in others.items() if view}


def _of_kind(valid: Mapping[str, View], views: Mapping[str, OnlineView], kind: str) -> dict[str, View]:
    return {name: view for name, view in valid.items() if views[name].kind == kind}
