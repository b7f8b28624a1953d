"""Every table of the lake by name: the schemas of the core, the feature views, and the training sets."""

from jobs.core.daily_schemas import DAILY_TABLES
from jobs.core.drift_schemas import DRIFT_TABLES
from jobs.core.errors import UsageError
from jobs.core.model_schemas import MODEL_TABLES
from jobs.core.output_schemas import OUTPUT_TABLES
from jobs.core.profile_schemas import PROFILE_TABLES
from jobs.core.schemas import LOG_TABLES
from jobs.core.state_schemas import STATE_TABLES
from jobs.core.table import Table
from jobs.datasets.churn_training import CHURN_TRAINING
from jobs.features.registry import VIEWS
from jobs.features.serving import SERVING_VIEWS

_SCHEMAS = (
    *LOG_TABLES,
    *DRIFT_TABLES,
    *DAILY_TABLES,
    *STATE_TABLES,
    *MODEL_TABLES,
    *PROFILE_TABLES,
    *OUTPUT_TABLES,
)

TABLES: dict[str, Table] = {
    **{table.name: table for table in _SCHEMAS},
    **{view.name: view.table for view in VIEWS.values()},
    **{view.name: view.table for view in SERVING_VIEWS.values()},
    CHURN_TRAINING.name: CHURN_TRAINING,
}


def table_named(name: str) -> Table:
    """The table of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    try:
        return TABLES[name]
    except KeyError:
        raise UsageError(f"no table {name!r}; there is: {', '.join(sorted(TABLES))}") from None
