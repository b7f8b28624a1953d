"""Training sets, challengers and champions."""

from jobs.core.table import Column, Table

RECOMMENDER_TRAINING = Table(
    name="recommender_training",
    doc="One row per label window, user and item wanted in it: what a recommender learns from, or is judged by.",
    kind="training",
    grain=("cut", "user_id", "item_id"),
    columns=(
        Column("cut", "date", "last day of the history before the window; the newest cut's window judges"),
        Column("user_id", "string", "user"),
        Column("item_id", "string", "item with which recommender.goal was reached in the days after the cut"),
    ),
    owner="data-science",
    schema_version=2,
)


CHALLENGER_COLUMNS = (
    Column("role", "string", "recommender, churn, conversion, value or return_visit"),
    Column("model", "string", "content name: <kind>-<D>-<hash of training set, parameters and code>"),
    Column("kind", "string", "two_stage, single, churn_logistic, churn_mean, ..."),
    Column("recipe", "string", "kind and parameters, JSON"),
    Column("metrics", "string", "metrics on the holdout, JSON"),
    Column("champion", "string", "content name of yesterday's champion, empty where there was none"),
    Column("champion_metrics", "string", "its recipe's metrics on the same holdout, JSON"),
    Column("paired", "string", "the two beside each other, user by user, JSON; empty where not compared so"),
    Column("training_digest", "string", "digest of the training set"),
    Column("run_id", "string", "MLflow run", volatile=True),
)


RECOMMENDER_CHALLENGER = Table(
    name="recommender_challenger",
    doc="At most one row: the recommender trained on D.",
    kind="model",
    grain=("role",),
    columns=CHALLENGER_COLUMNS,
    owner="data-science",
    schema_version=2,
)


PREDICTION_CHALLENGERS = Table(
    name="prediction_challengers",
    doc="At most one row per prediction: the model trained on D.",
    kind="model",
    grain=("role",),
    columns=CHALLENGER_COLUMNS,
    owner="data-science",
    schema_version=2,
)


CHAMPIONS = Table(
    name="champions",
    doc="One row per role that has a champion at the end of D.",
    kind="model",
    grain=("role",),
    columns=(
        Column("role", "string", "recommender, churn, conversion, value or return_visit"),
        Column("model", "string", "content name of the model that serves"),
        Column("kind", "string", "two_stage, single, ..."),
        Column("recipe", "string", "kind and parameters, JSON"),
        Column("challenger", "string", "content name of D's challenger, empty where none was trained"),
        Column("decision", "string", "promoted, refused, kept, copied or by_hand"),
        Column("reason", "string", "one sentence with the numbers"),
        Column("numbers", "string", "the gate's numbers, JSON"),
        Column("by", "string", "gate or hand"),
    ),
    owner="data-science",
)

MODEL_TABLES = (
    RECOMMENDER_TRAINING,
    RECOMMENDER_CHALLENGER,
    PREDICTION_CHALLENGERS,
    CHAMPIONS,
)
