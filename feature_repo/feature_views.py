"""Every feature view, one line each; columns, types and time to live are in `jobs/features/`."""

from from_spec import feature_view

from jobs.features import item_popularity as item_popularity_module
from jobs.features import serving
from jobs.features import user_activity as user_activity_module
from jobs.features import user_category_affinity as user_category_affinity_module
from jobs.features import user_item_affinity as user_item_affinity_module

user_activity = feature_view(user_activity_module.SPEC)
user_item_affinity = feature_view(user_item_affinity_module.SPEC)
user_category_affinity = feature_view(user_category_affinity_module.SPEC)
item_popularity = feature_view(item_popularity_module.SPEC)

recs_for_you = feature_view(serving.RECS_FOR_YOU.view)
recs_discover = feature_view(serving.RECS_DISCOVER.view)
recs_buy_again = feature_view(serving.RECS_BUY_AGAIN.view)
recs_because_you = feature_view(serving.RECS_BECAUSE_YOU.view)
recs_trending = feature_view(serving.RECS_TRENDING.view)
recs_new_for_you = feature_view(serving.RECS_NEW_FOR_YOU.view)

segment_for_you = feature_view(serving.SEGMENT_FOR_YOU.view)
segment_discover = feature_view(serving.SEGMENT_DISCOVER.view)
segment_trending = feature_view(serving.SEGMENT_TRENDING.view)
segment_new_for_you = feature_view(serving.SEGMENT_NEW_FOR_YOU.view)

context_for_you = feature_view(serving.CONTEXT_FOR_YOU.view)
context_discover = feature_view(serving.CONTEXT_DISCOVER.view)
context_trending = feature_view(serving.CONTEXT_TRENDING.view)
context_new_for_you = feature_view(serving.CONTEXT_NEW_FOR_YOU.view)

everybody_for_you = feature_view(serving.EVERYBODY_FOR_YOU.view)
everybody_discover = feature_view(serving.EVERYBODY_DISCOVER.view)
everybody_trending = feature_view(serving.EVERYBODY_TRENDING.view)
everybody_new_for_you = feature_view(serving.EVERYBODY_NEW_FOR_YOU.view)

items_similar = feature_view(serving.ITEMS_SIMILAR.view)
items_bought_together = feature_view(serving.ITEMS_BOUGHT_TOGETHER.view)

user_serving = feature_view(serving.USER_SERVING)
churn = feature_view(serving.CHURN)

user_segment = feature_view(serving.USER_SEGMENT)
user_stage = feature_view(serving.USER_STAGE)
send_time = feature_view(serving.SEND_TIME)
next_interest = feature_view(serving.NEXT_INTEREST)
