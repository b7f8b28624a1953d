"""What an app asks for in one call. Views share column names, so ask with `full_feature_names=True`."""

from feast import FeatureService
from feature_views import (
    churn,
    context_discover,
    context_for_you,
    context_new_for_you,
    context_trending,
    everybody_discover,
    everybody_for_you,
    everybody_new_for_you,
    everybody_trending,
    item_popularity,
    items_bought_together,
    items_similar,
    next_interest,
    recs_because_you,
    recs_buy_again,
    recs_discover,
    recs_for_you,
    recs_new_for_you,
    recs_trending,
    segment_discover,
    segment_for_you,
    segment_new_for_you,
    segment_trending,
    send_time,
    user_activity,
    user_category_affinity,
    user_item_affinity,
    user_segment,
    user_serving,
    user_stage,
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
home_screen_shelves = FeatureService(
    name="home_screen_shelves",
    features=[
        user_serving,
        recs_for_you,
        recs_discover,
        recs_buy_again,
        recs_because_you,
        recs_trending,
        recs_new_for_you,
    ],
    description="All lists of a user, a shelf each. Key: user_id.",
    owner="data-science",
)
discover_ladder = FeatureService(
    name="discover_ladder",
    features=[segment_discover, context_discover, everybody_discover],
    description="The rungs below a user's list of discoveries. Keys: segment, context, everybody.",
    owner="data-science",
)
trending_ladder = FeatureService(
    name="trending_ladder",
    features=[segment_trending, context_trending, everybody_trending],
    description="The rungs below a user's list of what is rising. Keys: segment, context, everybody.",
    owner="data-science",
)
new_ladder = FeatureService(
    name="new_ladder",
    features=[segment_new_for_you, context_new_for_you, everybody_new_for_you],
    description="The rungs below a user's list of new items. Keys: segment, context, everybody.",
    owner="data-science",
)
item_page = FeatureService(
    name="item_page",
    features=[items_similar, items_bought_together],
    description="What goes beside an item. Key: item_id.",
    owner="data-science",
)
user_profile = FeatureService(
    name="user_profile",
    features=[
        user_serving,
        user_activity,
        user_item_affinity,
        user_category_affinity,
        churn,
        user_segment,
        user_stage,
        send_time,
        next_interest,
    ],
    description="All that is known and predicted of a user. Key: user_id.",
    owner="data-science",
)
notification = FeatureService(
    name="notification",
    features=[user_serving, user_stage, send_time, next_interest],
    description="Whom to write to, when, and about what. Key: user_id.",
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
