"""What both sides are asked for: events and sums, a list of twenty and a chance of churn a user, and these online."""

from typing import Any

from jobs.core.config import load_settings

LIST_ITEMS = 20
HORIZON_DAYS = 1
HOLDOUT, TRAIN = 2, (4, 5, 6)
"""Days before the night of the cut that judges and of those that are learned from, as a night after ten days has."""

_FACTORS = load_settings("sample").recommender.sources["als"]
ALS_PARAMS: dict[str, Any] = {
    name: getattr(_FACTORS, name) for name in ("factors", "iterations", "regularization", "alpha")
}
"""The same for both."""
