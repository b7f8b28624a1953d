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

recs_for_you = feature_view(serving.RECS_FOR_YOU)
segment_for_you = feature_view(serving.SEGMENT_FOR_YOU)
context_for_you = feature_view(serving.CONTEXT_FOR_YOU)
everybody_for_you = feature_view(serving.EVERYBODY_FOR_YOU)
user_serving = feature_view(serving.USER_SERVING)
churn = feature_view(serving.CHURN)
