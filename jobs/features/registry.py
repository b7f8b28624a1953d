"""The feature views, one line each."""

from jobs.features import item_popularity, user_activity, user_category_affinity, user_item_affinity
from jobs.features.spec import FeatureView

VIEWS: dict[str, FeatureView] = {
    view.name: view
    for view in (
        user_activity.SPEC,
        item_popularity.SPEC,
        user_item_affinity.SPEC,
        user_category_affinity.SPEC,
    )
}
