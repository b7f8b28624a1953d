"""The views that apps read besides features: lists, predictions, and how a user is served.

One view per surface and rung of the ladder, one per prediction. The online store adds `generation`,
`run_date` and `expires_at` to every view; `model` is empty in feature views.
"""

from dataclasses import dataclass
from datetime import timedelta

from jobs.core.table import Column
from jobs.features.spec import Entity, FeatureView

MODEL = Column("model", "string", "content name of the model that made the row")

_LIST = (
    Column("items", "array<string>", "item ids, best first; at most lists.online_items"),
    Column("scores", "array<double>", "of the model, comparable within the list only; parallel to items"),
    Column("reasons", "array<string>", "codes, parallel to items"),
    Column("anchors", "array<string>", "item that the reason names, of the user's history or the page's; parallel"),
    Column("sources", "array<string>", "candidate source, parallel to items"),
    MODEL,
)


@dataclass(frozen=True)
class ListView:
    """The view of one surface on one rung of the ladder.

    Attributes
    ----------
    view
        What apps read.
    surface
        Whose rows of `recommendations` it holds; of the view's entity.
    """

    view: FeatureView
    surface: str


def _list_view(name: str, entity: Entity, surface: str, doc: str) -> ListView:
    return ListView(FeatureView(name=name, doc=doc, entity=entity, features=_LIST, ttl=timedelta(days=60)), surface)


RECS_FOR_YOU = _list_view(
    "recs_for_you", "user", "for_you", "One row per active user: what to show on the home screen."
)
RECS_DISCOVER = _list_view(
    "recs_discover", "user", "discover", "One row per active user: what the user might want and never had."
)
RECS_BUY_AGAIN = _list_view(
    "recs_buy_again", "user", "buy_again", "One row per active user who had something: what to have again."
)
RECS_BECAUSE_YOU = _list_view(
    "recs_because_you",
    "user",
    "because_you",
    "One row per active user who had something: what goes with it, grouped by `anchors`.",
)
RECS_TRENDING = _list_view(
    "recs_trending", "user", "trending", "One row per active user: what is rising, less what the user had."
)
RECS_NEW_FOR_YOU = _list_view(
    "recs_new_for_you",
    "user",
    "new_for_you",
    "One row per active user, where there are new items: those for the user.",
)

SEGMENT_FOR_YOU = _list_view("segment_for_you", "segment", "for_you", "One row per segment: what its users want.")
SEGMENT_DISCOVER = _list_view(
    "segment_discover", "segment", "discover", "One row per segment: what its users had for the first time of late."
)
SEGMENT_TRENDING = _list_view("segment_trending", "segment", "trending", "One row per segment: what is rising there.")
SEGMENT_NEW_FOR_YOU = _list_view(
    "segment_new_for_you",
    "segment",
    "new_for_you",
    "One row per segment, where there are new items: those wanted there.",
)

CONTEXT_FOR_YOU = _list_view("context_for_you", "context", "for_you", "One row per context: what is wanted there.")
CONTEXT_DISCOVER = _list_view(
    "context_discover", "context", "discover", "One row per context: what users there had for the first time of late."
)
CONTEXT_TRENDING = _list_view("context_trending", "context", "trending", "One row per context: what is rising there.")
CONTEXT_NEW_FOR_YOU = _list_view(
    "context_new_for_you",
    "context",
    "new_for_you",
    "One row per context, where there are new items: those wanted there.",
)

EVERYBODY_FOR_YOU = _list_view(
    "everybody_for_you", "everybody", "for_you", "One row, key `everybody`: what all want."
)
EVERYBODY_DISCOVER = _list_view(
    "everybody_discover",
    "everybody",
    "discover",
    "One row, key `everybody`: what users had for the first time of late.",
)
EVERYBODY_TRENDING = _list_view(
    "everybody_trending", "everybody", "trending", "One row, key `everybody`: what is rising."
)
EVERYBODY_NEW_FOR_YOU = _list_view(
    "everybody_new_for_you", "everybody", "new_for_you", "One row, key `everybody`, where there are new items: those."
)

ITEMS_SIMILAR = _list_view("items_similar", "item", "similar", "One row per item: what the same users have.")
ITEMS_BOUGHT_TOGETHER = _list_view(
    "items_bought_together", "item", "bought_together", "One row per item that was bought with others: those."
)

LIST_VIEWS: tuple[ListView, ...] = (
    RECS_FOR_YOU,
    RECS_DISCOVER,
    RECS_BUY_AGAIN,
    RECS_BECAUSE_YOU,
    RECS_TRENDING,
    RECS_NEW_FOR_YOU,
    SEGMENT_FOR_YOU,
    SEGMENT_DISCOVER,
    SEGMENT_TRENDING,
    SEGMENT_NEW_FOR_YOU,
    CONTEXT_FOR_YOU,
    CONTEXT_DISCOVER,
    CONTEXT_TRENDING,
    CONTEXT_NEW_FOR_YOU,
    EVERYBODY_FOR_YOU,
    EVERYBODY_DISCOVER,
    EVERYBODY_TRENDING,
    EVERYBODY_NEW_FOR_YOU,
    ITEMS_SIMILAR,
    ITEMS_BOUGHT_TOGETHER,
)
"""One per surface and rung; `jobs.core.surfaces` says which surfaces each rung has."""

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

_SAID = (
    Column("reasons", "array<string>", "sentences, what moved it most first; none where is_prior"),
    Column("action", "string", "hint of conf/actions.yaml, empty where no rule holds"),
    Column("is_prior", "boolean", "true where nothing but the user's segment is known"),
    MODEL,
)
_PROBABILITY = Column("probability", "double", "in [0, 1]")


def _prediction_view(name: str, doc: str, *columns: Column) -> FeatureView:
    return FeatureView(name=name, doc=doc, entity="user", features=(*columns, *_SAID), ttl=timedelta(days=60))


CHURN = _prediction_view(
    "churn", "One row per active user: probability of no intent event in the next churn.horizon_days.", _PROBABILITY
)
CONVERSION = _prediction_view(
    "conversion", "One row per active user: probability of reaching the goal in its horizon.", _PROBABILITY
)
VALUE = _prediction_view(
    "value",
    "One row per active user: expected revenue of its horizon.",
    Column("expected", "double", "in the log's currency"),
    Column("low", "double", "lower end of the interval; none where is_prior", nullable=True),
    Column("high", "double", "upper end of the interval; none where is_prior", nullable=True),
)
RETURN_VISIT = _prediction_view(
    "return_visit",
    "One row per active user: when the user comes back.",
    Column("days", "array<long>", "lengths of windows after the run date"),
    Column("curve", "array<double>", "probability of coming back within each; parallel"),
    Column(
        "expected", "double", "median days; none where half of such users take longer than the longest", nullable=True
    ),
)

PREDICTION_VIEWS: tuple[FeatureView, ...] = (CHURN, CONVERSION, VALUE, RETURN_VISIT)
"""One per prediction; named as in the table `predictions`."""

USER_SEGMENT = FeatureView(
    name="user_segment",
    doc="One row per active user: the group of behaviour, learned; none where too few users are there.",
    entity="user",
    features=(
        Column("segment", "string", "id; a group keeps it from night to night"),
        Column("title", "string", "what sets the group apart, in a few words"),
        Column("certainty", "double", "probability of that group, in (0, 1]"),
    ),
    ttl=timedelta(days=60),
)

USER_STAGE = FeatureView(
    name="user_stage",
    doc="One row per known user who is not at rest: the stage by the rules of profiles.stages.",
    entity="user",
    features=(Column("stage", "string", "new, activating, regular, power, slipping or lost"),),
    ttl=timedelta(days=60),
)

SEND_TIME = FeatureView(
    name="send_time",
    doc="One row per active user: the best hour of the week for a notification, by the user's own clock.",
    entity="user",
    features=(
        Column("weekday", "long", "0 is Monday"),
        Column("hour", "long", "0 to 23"),
        Column("time_zone", "string", "IANA zone of weekday and hour"),
        Column("expected_gain", "double", "opens there over opens at a random hour, less 1"),
        Column("based_on", "string", "own, segment or everybody"),
    ),
    ttl=timedelta(days=60),
)

NEXT_INTEREST = FeatureView(
    name="next_interest",
    doc="One row per active user: categories that will be touched next, most likely first.",
    entity="user",
    features=(
        Column("categories", "array<string>", "at most profiles.next_interest.categories"),
        Column("shares", "array<double>", "expected share of the next touches; parallel"),
        Column("based_on", "string", "own, segment or everybody"),
    ),
    ttl=timedelta(days=60),
)

PROFILE_VIEWS: tuple[FeatureView, ...] = (USER_SEGMENT, USER_STAGE, SEND_TIME, NEXT_INTEREST)
"""What `profile_users` says of users; an opted-out user loses them."""

SERVING_VIEWS: dict[str, FeatureView] = {
    view.name: view
    for view in (*(listed.view for listed in LIST_VIEWS), USER_SERVING, *PREDICTION_VIEWS, *PROFILE_VIEWS)
}
