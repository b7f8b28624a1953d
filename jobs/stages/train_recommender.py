"""Stage train_recommender: judge the recipes on the days after a cut, then train the best on all days."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from jobs.adapters.tracking.open import code_commit, open_tracking
from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData
from jobs.core.daily_schemas import USER_ITEM_DAILY
from jobs.core.errors import ModelError
from jobs.core.fingerprint import code_fingerprint, hash_of
from jobs.core.model_schemas import RECOMMENDER_CHALLENGER, RECOMMENDER_TRAINING
from jobs.core.state_schemas import USER_ITEM_STATE
from jobs.datasets import recommender_training
from jobs.datasets.interactions import Interactions
from jobs.evaluation.gate import DISTINCT_SCORES, count_distinct
from jobs.evaluation.plots import plot_comparison
from jobs.evaluation.ranking import compute_coverage, compute_means
from jobs.features import item_popularity
from jobs.models.popularity import PopularityRecommender
from jobs.models.protocol import Recommender
from jobs.models.registry import create_recommender
from jobs.models.served_recommender import DEFAULT_PARAMS, ServedRecommender, build_example
from jobs.stages.champions import RECOMMENDER, champion_of, content_name, recipe_json
from jobs.stages.deleted_users import deleted_users
from jobs.stages.job import Job

log = logging.getLogger("nightjar")


@dataclass(frozen=True)
class Recipe:
    """A kind of model and its parameters: what can be trained on any night."""

    kind: str
    params: Mapping[str, Any]

    @property
    def label(self) -> str:
        """Short name that tells two recipes of one kind apart."""
        return f"{self.kind}-{hash_of(dict(self.params))[:6]}"


@dataclass(frozen=True)
class Holdout:
    """What the recipes are judged on: histories up to the cut, and what was wanted after it."""

    history: Interactions
    popularity: dict[str, float]
    available: frozenset[str]
    truth: Interactions


def run(job: Job) -> None:
    """Write the training set and at most one challenger."""
    training = _training_set(job)
    digest = job.write_pandas(RECOMMENDER_TRAINING, training)
    full = training[training["split"] == recommender_training.FULL]
    if full.empty:
        log.warning("no user has had any item yet: no recommender is trained")
        job.write_pandas(RECOMMENDER_CHALLENGER, pd.DataFrame(columns=RECOMMENDER_CHALLENGER.column_names))
        return
    yesterday = champion_of(job, RECOMMENDER, job.night.run_date - timedelta(1))
    recipes = _recipes(job)
    old = Recipe(yesterday.kind, yesterday.params) if yesterday else None
    by_label = {recipe.label: recipe for recipe in [*recipes, *([old] if old else [])]}
    scores = _judge(job, training, by_label)
    metric = job.night.settings.recommender.gate.metric
    best = max(recipes, key=lambda recipe: scores.get(recipe.label, {}).get(metric, _unjudged(recipe)))
    model = _fit(best, Interactions.from_frame(full), _popularity(job, job.night.run_date))
    name = content_name(best.kind, job.night.run_date, digest, best.params, code_fingerprint(type(model).__module__))
    sources = [SourceRun(label, by_label[label].params, values) for label, values in scores.items()]
    run_id = _register(job, model, name, digest, best, sources, full)
    row = {
        "role": RECOMMENDER,
        "model": name,
        "kind": best.kind,
        "recipe": recipe_json(best.kind, best.params),
        "metrics": json.dumps(scores.get(best.label, {}), sort_keys=True),
        "champion": yesterday.model if yesterday else "",
        "champion_metrics": json.dumps(scores.get(old.label, {}) if old else {}, sort_keys=True),
        "training_digest": digest,
        "run_id": run_id,
    }
    job.write_pandas(RECOMMENDER_CHALLENGER, pd.DataFrame([row]))


def _training_set(job: Job) -> pd.DataFrame:
    settings, day = job.night.settings, job.night.run_date
    cut = recommender_training.holdout_cut(settings, day)
    at_cut = job.read_pandas(USER_ITEM_STATE, cut) if cut else None
    days = recommender_training.truth_days(settings, day)
    daily = job.read_pandas_days(USER_ITEM_DAILY, days)
    rows = recommender_training.build(at_cut, daily, job.read_pandas(USER_ITEM_STATE), settings, day)
    return rows[~rows["user_id"].isin(deleted_users(job))]


def _recipes(job: Job) -> list[Recipe]:
    settings = job.night.settings.recommender
    return [
        Recipe("als", {**settings.als.model_dump(), "seed": settings.seed}),
        Recipe(PopularityRecommender.name, {}),
    ]


def _unjudged(recipe: Recipe) -> float:
    """Without a holdout the model that needs the least data is the safest."""
    return 0.0 if recipe.kind == PopularityRecommender.name else -1.0


def _judge(job: Job, training: pd.DataFrame, recipes: dict[str, Recipe]) -> dict[str, dict[str, float]]:
    """Metrics of each recipe by its label; none where there is no holdout yet."""
    holdout = _holdout(job, training)
    if holdout is None:
        log.warning("no closed holdout yet: recommenders are not judged tonight")
        return {}
    scores: dict[str, dict[str, float]] = {}
    for label, recipe in recipes.items():
        try:
            scores[label] = _measure(job, recipe, holdout)
        except ModelError as error:
            log.warning("recommender %s is left out tonight: %s", label, error)
    return scores


def _holdout(job: Job, training: pd.DataFrame) -> Holdout | None:
    cut = recommender_training.holdout_cut(job.night.settings, job.night.run_date)
    history = training[training["split"] == recommender_training.HISTORY]
    truth = training[training["split"] == recommender_training.TRUTH]
    known = truth["user_id"].isin(history["user_id"]) & truth["item_id"].isin(history["item_id"])
    if cut is None or not known.any():
        return None
    return Holdout(
        history=Interactions.from_frame(history),
        popularity=_popularity(job, cut),
        available=_available(job, cut),
        truth=Interactions.from_frame(truth[known]),
    )


def _popularity(job: Job, day: date) -> dict[str, float]:
    rows = job.read_pandas(item_popularity.SPEC.table, day, ["item_id", "popularity"])
    return dict(zip(rows["item_id"], rows["popularity"], strict=True))


def _available(job: Job, day: date) -> frozenset[str]:
    rows = job.read_pandas(item_popularity.SPEC.table, day, ["item_id", "days_since_event"])
    return frozenset(rows[rows["days_since_event"] < job.night.settings.lists.available_days]["item_id"])


def _fit(recipe: Recipe, interactions: Interactions, popularity: dict[str, float]) -> Recommender:
    return create_recommender(recipe.kind, **recipe.params).fit(interactions, popularity)


def _measure(job: Job, recipe: Recipe, holdout: Holdout) -> dict[str, float]:
    settings = job.night.settings
    k = settings.recommender.k
    model = _fit(recipe, holdout.history, holdout.popularity)
    history = holdout.history.aligned_to(model.items, holdout.truth.users)
    available = np.isin(model.items, np.array(sorted(holdout.available), dtype=np.str_))
    exclude = history if settings.lists.exclude_seen else None
    lists = model.recommend(history, k, exclude, available)
    relevant = holdout.truth.aligned_to(model.items)
    return {
        **compute_means(lists.items, relevant, k),
        f"coverage_at_{k}": compute_coverage(lists.items, int(available.sum())),
        DISTINCT_SCORES: float(count_distinct(lists.scores)),
        "n_users": float(len(holdout.truth.users)),
    }


def _register(
    job: Job,
    model: Recommender,
    name: str,
    digest: str,
    recipe: Recipe,
    sources: list[SourceRun],
    full: pd.DataFrame,
) -> str:
    settings, day = job.night.settings, job.night.run_date
    tracking = open_tracking(settings, job.home)
    scores = {source.name: source.metrics for source in sources}
    example = build_example(Interactions.from_frame(full), settings.tracking.hash_key)
    with TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        served = ServedModel(
            folder=Path(folder) / "model",
            loader="jobs.models.served_recommender",
            example_input=example,
            example_output=ServedRecommender(model).predict(example),
            call_params={**DEFAULT_PARAMS, "exclude_seen": settings.lists.exclude_seen},
            requirements=("nightjar", "implicit", "numpy", "pandas", "scipy"),
        )
        record = ModelRun(
            role=RECOMMENDER,
            content_name=name,
            params={"kind": recipe.kind, **model.params},
            metrics=scores.get(recipe.label, {}),
            tags={"run_date": str(day), "code_commit": code_commit(), "training_digest": digest},
            training_data=TrainingData(RECOMMENDER_TRAINING.name, digest, f"recommender_training run_date={day}"),
            model=served,
            model_card=_card(name, recipe, scores.get(recipe.label, {}), settings.recommender.horizon_days),
            pictures={"sources": plot_comparison(_comparable(scores), "Holdout, by source")} if scores else {},
            sources=sources,
        )
        registered = tracking.register(record)
    tracking.set_challenger(RECOMMENDER, name)
    return registered.run_id


def _comparable(scores: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """Metrics between 0 and 1, which fit one picture."""
    left_out = {DISTINCT_SCORES, "n_users"}
    return {
        label: {name: value for name, value in values.items() if name not in left_out}
        for label, values in scores.items()
    }


def _card(name: str, recipe: Recipe, metrics: Mapping[str, float], horizon: int) -> str:
    lines = [
        f"# {name}",
        "",
        f"Ranks items for a user's history. Kind: {recipe.kind}.",
        "It holds arrays over items and nothing about users; histories come with each call.",
        f"Judged on the {horizon} days after a cut, trained again on all days up to the run date.",
        "Loading it needs the package `nightjar`.",
        "",
        "| metric | value |",
        "| --- | --- |",
        *(f"| {metric} | {value:.4g} |" for metric, value in sorted(metrics.items())),
    ]
    return "\n".join(lines) + "\n"
