"""What an app asks for in one call. Views share column names, so ask with `full_feature_names=True`."""

from feast import FeatureService
from feature_views import (
    churn,
    context_for_you,
    everybody_for_you,
    item_popularity,
    recs_for_you,
    segment_for_you,
    user_activity,
    user_category_affinity,
    user_item_affinity,
    user_serving,
)

from jobs.features.user_activity import SPEC as USER_ACTIVITY

home_screen = FeatureService(
    name="home_screen",
    features=[user_serving, recs_for_you],
    description="A user's own list, and where the ladder starts without one. Key: user_id.",
    owner="data-science",
)
home_screen_ladder = FeatureService(
    name="home_screen_ladder",
    features=[segment_for_you, context_for_you, everybody_for_you],
    description="The rungs below a user's own list. Keys: segment, context, everybody.",
    owner="data-science",
)
user_profile = FeatureService(
    name="user_profile",
    features=[user_serving, user_activity, user_item_affinity, user_category_affinity, churn],
    description="All that is known and predicted of a user. Key: user_id.",
    owner="data-science",
)
item_profile = FeatureService(
    name="item_profile",
    features=[item_popularity],
    description="How wanted an item is. Key: item_id.",
    owner="data-science",
)
user_history = FeatureService(
    name="user_history",
    features=[user_activity[[column.name for column in USER_ACTIVITY.features]]],
    description="A user's features as they were: for point-in-time joins (get_historical_features).",
    owner="data-science",
)
