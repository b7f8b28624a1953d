"""The section `recommender.ranker`: how candidates of all sources are chosen, learned from and ordered."""

from typing import Annotated, Literal

from pydantic import Field

from jobs.core.config.quantities import Positive
from jobs.core.config.section import Section

Part = Annotated[float, Field(gt=0, le=1)]


class RankerSettings(Section):
    """Parameters of the two-stage recommender besides those of its sources."""

    windows: Positive
    new_per_source: Positive
    new_items: Positive
    own_items: Positive
    max_users: Positive
    min_users: Positive
    negatives: Part
    objective: Literal["lambdarank", "binary", "auto", "both"]
    truncation: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    num_leaves: Annotated[int, Field(ge=2)]
    num_leaves_new: Annotated[int, Field(ge=2)]
    min_child_samples: Positive
    lambda_l2: Annotated[float, Field(ge=0)]
    feature_fraction: Part
    bagging_fraction: Part
    max_bin: Annotated[int, Field(ge=2)]
    n_estimators: Positive
    early_stopping_rounds: Positive
    trees_by_rows: Annotated[float, Field(ge=0, le=1)]
    repeats: Positive
