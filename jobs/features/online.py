"""What the online store holds: every view, the columns it adds to each, and what leaves with a user.

Product apps bind to this; a change here is a migration of theirs.
"""

from jobs.core.table import Column
from jobs.features.registry import VIEWS
from jobs.features.serving import CHURN, LIST_VIEWS, MODEL, PROFILE_VIEWS, SERVING_VIEWS
from jobs.features.spec import FeatureView

ONLINE_VIEWS: dict[str, FeatureView] = {**VIEWS, **SERVING_VIEWS}

PERSONAL_LISTS = tuple(listed.view.name for listed in LIST_VIEWS if listed.view.entity == "user")
"""Views of users' own lists."""

GENERATION = Column("generation", "string", "<run date>-<first 8 of the content digest>; one for all rows")
RUN_DATE = Column("run_date", "string", "YYYY-MM-DD, the day whose night made the row")
EXPIRES_AT = Column("expires_at", "timestamp", "not served from then on: end of run date + online.ttl_days")


def online_columns(view: FeatureView) -> tuple[Column, ...]:
    """A view's columns online, in order: its features, `model` (empty in feature views), the stamps."""
    model = () if MODEL in view.features else (MODEL,)
    return (*view.features, *model, GENERATION, RUN_DATE, EXPIRES_AT)


def views_withdrawn(status: str) -> tuple[str, ...]:
    """Views in which a user of that status has no row.

    An opted-out user keeps features and loses what is personal, every list and profile; of a deleted user nothing
    stays but the row of `user_serving`, by which a reader knows to start at the context rung.
    """
    if status == "opted_out":
        return (*PERSONAL_LISTS, CHURN.name, *(view.name for view in PROFILE_VIEWS))
    if status == "deleted":
        return tuple(
            view.name for view in ONLINE_VIEWS.values() if view.entity == "user" and view.name != "user_serving"
        )
    return ()
