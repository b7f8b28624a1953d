"""All rows of one user as answers."""

from collections.abc import Mapping, Sequence

from nightjar_client.answers import Predictions, Snapshot, View
from nightjar_client.present import SERVING, Present
from nightjar_client.reading import Rows
from nightjar_client.views import OnlineView


def predictions_of(user: str, rows: Rows, present: Present) -> Predictions:
    """What is predicted of a user; nothing of one who opted out or is not known."""
    _, status = present.place(rows)
    views = {name: present.view(row) for name, row in rows.items() if name != SERVING}
    valid = {name: view for name, view in views.items() if view}
    return Predictions(user, status, valid if status == "active" else {}, expired=len(valid) < len(views))


def snapshot_of(
    user: str, rows: Rows, views: Mapping[str, OnlineView], surfaces: Sequence[str], present: Present
) -> Snapshot:
    """Lists, predictions and features; lists and predictions of active users only."""
    segment, status = present.place(rows)
    lists = {s: present.list(rows.get(f"recs_{s}"), user, s, "user")[0] for s in surfaces}
    others = {name: present.view(row) for name, row in rows.items() if views[name].kind != "list"}
    valid = {name: view for name, view in others.items() if view}
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


def _of_kind(valid: Mapping[str, View], views: Mapping[str, OnlineView], kind: str) -> dict[str, View]:
    return {name: view for name, view in valid.items() if views[name].kind == kind}
