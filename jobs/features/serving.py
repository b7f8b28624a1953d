"""The views that apps read besides features: lists, predictions, and how a user is served.

One view per surface and rung of the ladder, one per prediction. The online store adds `generation`,
`run_date` and `expires_at` to every view; `model` is empty in feature views.
"""

from datetime import timedelta

from jobs.core.table import Column
from jobs.features.spec import Entity, FeatureView

MODEL = Column("model", "string", "content name of the model that made the row")

_LIST = (
    Column("items", "array<string>", "item ids, best first; at most lists.online_items"),
    Column("scores", "array<double>", "of the model, comparable within the list only; parallel to items"),
    Column("reasons", "array<string>", "codes, parallel to items"),
    Column("anchors", "array<string>", "item of the user's history that the reason names, or empty; parallel"),
    Column("sources", "array<string>", "candidate source, parallel to items"),
    MODEL,
)


def _list_view(name: str, entity: Entity, doc: str) -> FeatureView:
    return FeatureView(name=name, doc=doc, entity=entity, features=_LIST, ttl=timedelta(days=60))


RECS_FOR_YOU = _list_view("recs_for_you", "user", "One row per active user: what to show on the home screen.")
SEGMENT_FOR_YOU = _list_view("segment_for_you", "segment", "One row per segment: what its users want.")
CONTEXT_FOR_YOU = _list_view("context_for_you", "context", "One row per context: what is wanted there.")
EVERYBODY_FOR_YOU = _list_view("everybody_for_you", "everybody", "One row, key `everybody`: what all want.")

USER_SERVING = FeatureView(
    name="user_serving",
    doc="One row per known user: how the ladder of lists starts for that user.",
    entity="user",
    features=(
        Column("segment", "string", "new, active or dormant"),
        Column("status", "string", "active, opted_out or deleted"),
    ),
    ttl=timedelta(days=60),
)

CHURN = FeatureView(
    name="churn",
    doc="One row per active user: probability of no intent event in the next churn.horizon_days.",
    entity="user",
    features=(Column("probability", "double", "in [0, 1]"), MODEL),
    ttl=timedelta(days=60),
)

SERVING_VIEWS: dict[str, FeatureView] = {
    view.name: view
    for view in (RECS_FOR_YOU, SEGMENT_FOR_YOU, CONTEXT_FOR_YOU, EVERYBODY_FOR_YOU, USER_SERVING, CHURN)
}
