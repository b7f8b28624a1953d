"""What the online store answers for a user, read with the plain Feast SDK as any app may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jobs.core.surfaces import USER_SURFACES

if TYPE_CHECKING:
    from feast import FeatureStore

_COLUMNS = ("items", "scores", "reasons", "anchors")
_FEATURES = (
    "user_serving:segment",
    "user_serving:status",
    "recs_for_you:model",
    "churn:probability",
    "churn:model",
    *(f"recs_{surface}:{column}" for surface in USER_SURFACES for column in _COLUMNS),
)


@dataclass(frozen=True)
class Recommendation:
    """One item of a list: its score within that list, the reason's code, and the item that the reason names."""

    item_id: str
    score: float
    reason: str
    anchor: str


@dataclass(frozen=True)
class OnlineUser:
    """A user as the online store knows them.

    Attributes
    ----------
    user_id
        The user.
    segment, status
        Where the ladder of lists starts; None where the user is not known.
    recommendations, model
        The user's own list of `for_you`, best first, and who made it; empty and None where there is none.
    churn, churn_model
        Probability in [0, 1] and who gave it; None where there is none.
    shelves
        The user's own lists of the other surfaces that have one.
    """

    user_id: str
    segment: str | None
    status: str | None
    recommendations: tuple[Recommendation, ...]
    model: str | None
    churn: float | None
    churn_model: str | None
    shelves: Mapping[str, tuple[Recommendation, ...]] = field(default_factory=dict)


def read_users(client: "FeatureStore", user_ids: Sequence[str]) -> list[OnlineUser]:
    """Read users, in the order asked for; one that the store does not know is answered too."""
    answer = client.get_online_features(
        features=list(_FEATURES),
        entity_rows=[{"user_id": user_id} for user_id in user_ids],
        full_feature_names=True,
    ).to_dict()
    return [
        _user(user_id, {name.replace(":", "__"): answer[name.replace(":", "__")][row] for name in _FEATURES})
        for row, user_id in enumerate(user_ids)
    ]


def _user(user_id: str, values: Mapping[str, Any]) -> OnlineUser:
    return OnlineUser(
        user_id=user_id,
        segment=values["user_serving__segment"],
        status=values["user_serving__status"],
        recommendations=_recommendations(values, "for_you"),
        model=values["recs_for_you__model"],
        churn=values["churn__probability"],
        churn_model=values["churn__model"],
        shelves=_shelves(values),
    )


def _shelves(values: Mapping[str, Any]) -> dict[str, tuple[Recommendation, ...]]:
    others = {surface: _recommendations(values, surface) for surface in USER_SURFACES if surface != "for_you"}
    return {surface: found for surface, found in others.items() if found}


def _recommendations(values: Mapping[str, Any], surface: str) -> tuple[Recommendation, ...]:
    lists = [values[f"recs_{surface}__{name}"] for name in _COLUMNS]
    if lists[0] is None:
        return ()
    return tuple(Recommendation(*row) for row in zip(*lists, strict=True))
