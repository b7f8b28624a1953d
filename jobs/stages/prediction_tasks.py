"""From the configuration to what models take: tasks and parameters, for training and scoring."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from jobs.core.config.model import Settings
from jobs.core.config.nearest import nearest
from jobs.core.errors import ModelError
from jobs.datasets.predictions import PREDICTIONS
from jobs.models.predictions.head import HeadParams
from jobs.models.predictions.model import Task

INTENT = "intent"
"""The goal that is not one event type but all of `events.intent`."""


def task_of(name: str, settings: Settings) -> Task:
    """The task of a prediction."""
    coverage = settings.predictions.value.coverage if name == "value" else None
    return Task(name, PREDICTIONS[name].days(settings), coverage)


def recipe_of(settings: Settings) -> dict[str, Any]:
    """Parameters of the learners, as `champions` keeps them."""
    own = settings.predictions
    return {
        "ridge": own.ridge, "lightgbm": own.lightgbm.model_dump(), "folds": own.folds, "max_rows": own.max_rows,
        "min_rows": settings.churn.min_users, "seed": settings.churn.seed,
    }  # fmt: skip


def params_of(recipe: Mapping[str, Any]) -> HeadParams:
    """Parameters from a recipe, which may say more than them."""
    return HeadParams(**{name: recipe[name] for name in ("ridge", "lightgbm", "folds", "min_rows", "seed")})


def require_goal(name: str, settings: Settings, rows: pd.DataFrame) -> None:
    """Refuse a conversion whose goal nobody could reach.

    Raises
    ------
    ModelError
        If the goal is no event type of the configuration, or none of the label windows has one.
    """
    goal, types = settings.predictions.conversion.goal, settings.events.weights
    if name != "conversion" or goal == INTENT:
        return
    if goal not in types:
        raise ModelError(
            f"predictions.conversion.goal is {goal!r}, which is no event type{nearest(goal, types)}; "
            f"name one of events.weights, or {INTENT}"
        )
    if len(rows) and not (rows["target"] > 0).any():
        raise ModelError(f"no event of the goal {goal!r} is in the label windows; is it in the log?")
