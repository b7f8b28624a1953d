"""What a night makes for apps: lists, predictions, and what was published of them."""

from jobs.core.table import Column, Table

RECOMMENDATIONS = Table(
    name="recommendations",
    doc="One row per entity, key, surface and rank; entities are the rungs of the ladder, and items.",
    kind="output",
    grain=("entity", "key", "surface", "rank"),
    columns=(
        Column("entity", "string", "user, segment, context, everybody or item"),
        Column("key", "string", "its id"),
        Column(
            "surface",
            "string",
            "for_you, discover, buy_again, because_you, trending, new_for_you; of items: similar, bought_together",
        ),
        Column("rank", "int", "from 1"),
        Column("item_id", "string", "item"),
        Column("score", "double", "of the model, six significant digits; comparable within a list only"),
        Column("reason", "string", "code, one of jobs.core.surfaces.REASONS"),
        Column("anchor", "string", "item that the reason names, of the user's history or the page's, else empty"),
        Column("source", "string", "candidate source"),
        Column("model", "string", "content name"),
    ),
    owner="data-science",
)


PREDICTIONS = Table(
    name="predictions",
    doc="One row per active user and prediction.",
    kind="output",
    grain=("user_id", "prediction"),
    columns=(
        Column("user_id", "string", "user"),
        Column("prediction", "string", "churn, conversion, value or return_visit"),
        Column(
            "probability", "double", "in [0, 1], six decimals; of return_visit: of the longest window", nullable=True
        ),
        Column(
            "expected",
            "double",
            "of value: revenue, in the log's currency; of return_visit: median days",
            nullable=True,
        ),
        Column("low", "double", "of value: lower end of its interval", nullable=True),
        Column("high", "double", "of value: upper end of its interval", nullable=True),
        Column("days", "array<long>", "of return_visit: lengths of the windows; else empty"),
        Column("curve", "array<double>", "of return_visit: probability of each window; parallel; else empty"),
        Column("reasons", "array<string>", "three sentences, what moved it most first; none for a prior"),
        Column("action", "string", "hint of conf/actions.yaml, empty where no rule holds"),
        Column("is_prior", "boolean", "true where nothing but the user's segment is known"),
        Column("model", "string", "content name"),
    ),
    owner="data-science",
    schema_version=2,
)


PUBLISHED = Table(
    name="published",
    doc="One row per view of the generation that D published, or found published.",
    kind="output",
    grain=("view",),
    columns=(
        Column("view", "string", "feature view of the online store"),
        Column("generation", "string", "<D>-<first 8 of the content digest>"),
        Column("content_digest", "string", "hash of the view's rows less generation and expiry"),
        Column("n_rows", "long", "rows of the view"),
        Column("publish_number", "long", "of the store", volatile=True),
        Column("outcome", "string", "published, unchanged, skipped or withdrawn", volatile=True),
    ),
)

OUTPUT_TABLES = (
    RECOMMENDATIONS,
    PREDICTIONS,
    PUBLISHED,
)
