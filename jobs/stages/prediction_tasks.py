"""From the configuration to what models take: tasks and parameters, for training and scoring."""

from collections.abc import Mapping
from typing import Any

from jobs.core.config.model import Settings
from jobs.datasets.predictions import PREDICTIONS
from jobs.models.predictions.head import HeadParams
from jobs.models.predictions.model import Task


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
