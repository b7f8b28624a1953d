"""Stage train_recommender: train the two stages and every source, judge them on the newest window, register one."""

import json
import logging
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from jobs.adapters.tracking.open import code_commit, open_tracking
from jobs.core.errors import ModelError
from jobs.core.fingerprint import code_fingerprint, hash_of
from jobs.core.model_schemas import CHAMPIONS, RECOMMENDER_CHALLENGER, RECOMMENDER_TRAINING
from jobs.datasets import recommender_training
from jobs.datasets.past import Past, Window
from jobs.evaluation.choice import choose_challenger
from jobs.evaluation.comparison import Comparison, compare
from jobs.evaluation.evaluation_numbers import gate_metrics
from jobs.evaluation.gate import DISTINCT_SCORES, count_distinct
from jobs.models import recommenders
from jobs.models.single_source import SingleSourceRecommender
from jobs.stages.als_engine import als_engine
from jobs.stages.champions import RECOMMENDER, Champion, champion_of, content_name, recipe_json
from jobs.stages.contenders import (
    TWO_STAGE,
    Contender,
    Contenders,
    NothingToLearnError,
    recipe_params,
    train_again,
    train_contenders,
)
from jobs.stages.job import Job
from jobs.stages.judging import Judged, judge, resampling
from jobs.stages.recommender_package import package_recommender
from jobs.stages.recommender_run import build_model_run
from jobs.stages.recommender_windows import read_windows
from jobs.stages.trained_night import TrainedNight

log = logging.getLogger("nightjar")

CHAMPION = "champion"
"""Name under which yesterday's champion is judged, where tonight's recipes are others."""

UNJUDGED = "popularity"
"""The source that serves first: without a window the one that needs the least data is the safest."""


def run(job: Job) -> None:
    """Write the label windows and at most one challenger."""
    settings, day = job.night.settings, job.night.run_date
    cuts = recommender_training.label_cuts(settings, day)
    past, windows = read_windows(job.lake, settings, cuts, settings.recommender.horizon_days, day)
    labels = job.write_pandas(RECOMMENDER_TRAINING, recommender_training.build(windows))
    champion = champion_of(job, RECOMMENDER, day - timedelta(1))
    try:
        night = _night(job, champion, past, windows, _training_digest(job, labels))
    except NothingToLearnError as error:
        log.warning("no recommender is trained: %s", error)
        job.write_pandas(RECOMMENDER_CHALLENGER, pd.DataFrame(columns=RECOMMENDER_CHALLENGER.column_names))
        return
    run_id = _register(job, night, past)
    beside = _metrics(night.judged, _judged_as(champion, night.contenders)) if champion and night.comparison else {}
    row = {
        "role": RECOMMENDER,
        "model": night.content_name,
        "kind": night.chosen.final.name,
        "recipe": recipe_json(night.chosen.final.name, night.chosen.final.params),
        "metrics": json.dumps(_metrics(night.judged, night.chosen.name, _is_personal(night.chosen)), sort_keys=True),
        "champion": night.champion,
        "champion_metrics": json.dumps(beside, sort_keys=True),
        "paired": night.comparison.to_json(_metric(job)) if night.comparison else "",
        "training_digest": night.training_digest,
        "run_id": run_id,
    }
    job.write_pandas(RECOMMENDER_CHALLENGER, pd.DataFrame([row]))


def _night(job: Job, champion: Champion | None, past: Past, windows: list[Window], digest: str) -> TrainedNight:
    """Train, judge, choose, and compare with yesterday's champion."""
    settings, day = job.night.settings, job.night.run_date
    with als_engine(job):
        contenders = train_contenders(recipe_params(settings), past, windows)
        judged = _judged(job, contenders, champion, past, windows)
    chosen, why = _chosen(job, contenders, judged)
    log.info("challenger: %s", why)
    code = code_fingerprint(recommenders.__name__)
    return TrainedNight(
        settings=settings,
        run_date=day,
        content_name=content_name(chosen.final.name, day, digest, chosen.final.params, code),
        chosen=chosen,
        why=why,
        contenders=contenders,
        judged=judged,
        windows=tuple((window.past.history.cut, len(window.judged)) for window in windows),
        champion=champion.model if champion else "",
        champion_recipe=champion.params if champion else {},
        comparison=_comparison(job, chosen, champion, contenders, judged),
        training_digest=digest,
        config_fingerprint=hash_of(recipe_params(settings)),
        code_commit=code_commit(),
    )


def _register(job: Job, night: TrainedNight, past: Past) -> str:
    """Log the night's run; returns its id."""
    tracking = open_tracking(night.settings, job.home)
    with TemporaryDirectory() as folder:
        served = package_recommender(night.chosen.final, past, night.settings, Path(folder) / "model")
        registered = tracking.register(build_model_run(night, served))
    tracking.set_challenger(RECOMMENDER, night.content_name)
    return registered.run_id


def _metric(job: Job) -> str:
    return job.night.settings.recommender.gate.metric


def _training_digest(job: Job, labels: str) -> str:
    """Of the labels, of all tables that pasts are made of, and of the settings that say what of them counts.

    MLflow reuses a version of the same content name, so whatever else makes another artifact must be in here.
    """
    read = {name: [each.digest for each in found] for name, found in job.inputs.items() if name != CHAMPIONS.name}
    told, lists = job.night.settings.recommender, job.night.settings.lists
    counted = [told.goal, told.history_days, told.max_users, lists.available_days]
    served = [lists.blocked, lists.exclude_had.for_you]
    return hash_of([labels, read, counted, served])


def _judged(
    job: Job, contenders: Contenders, champion: Champion | None, past: Past, windows: list[Window]
) -> Judged | None:
    """All contenders on the newest window, and with them a champion whose recipe is none of theirs."""
    if not windows:
        log.warning("no closed label window yet: recommenders are not judged tonight")
        return None
    rivals = [*contenders.all]
    if champion is not None and _same_recipe(champion, contenders) is None:
        try:
            again = train_again(champion.kind, champion.params, past, windows)
            rivals.append(Contender(CHAMPION, "ranker", again, again))
        except ModelError as error:
            log.warning("the recipe of the champion %s cannot be judged tonight: %s", champion.model, error)
    return judge(job.night.settings, windows[0].drawn(job.night.settings.recommender.judged_users), rivals)


def _same_recipe(champion: Champion, contenders: Contenders) -> Contender | None:
    """The contender that yesterday's champion would be if it were trained tonight."""
    recipe = recipe_json(champion.kind, champion.params)
    return next((each for each in contenders.all if recipe_json(each.final.name, each.final.params) == recipe), None)


def _judged_as(champion: Champion, contenders: Contenders) -> str:
    """Name under which yesterday's champion is judged, if it can be."""
    same = _same_recipe(champion, contenders)
    return same.name if same else CHAMPION


def _chosen(job: Job, contenders: Contenders, judged: Judged | None) -> tuple[Contender, str]:
    """Who becomes the challenger, and why."""
    if judged is None:
        names = [each.name for each in contenders.all]
        name = UNJUDGED if UNJUDGED in names else names[0]
        return contenders.named(name), f"{name} is served: nothing could be judged yet"
    own = {name: values for name, values in judged.per_user(_metric(job)).items() if name != CHAMPION}
    gate = job.night.settings.recommender.gate
    choice = choose_challenger(TWO_STAGE, own, gate.metric, gate.margin, resampling(job.night.settings))
    return contenders.named(choice.name), choice.reason


def _comparison(
    job: Job, chosen: Contender, champion: Champion | None, contenders: Contenders, judged: Judged | None
) -> Comparison | None:
    """The challenger beside yesterday's champion; None where the latter could not be judged."""
    if champion is None or judged is None:
        return None
    measured, name = judged.measurements[judged.task.surface], _judged_as(champion, contenders)
    if name not in measured:
        return None
    own, theirs = measured[chosen.name].per_user, measured[name].per_user
    return compare(own, theirs, _metric(job), judged.task.groups, resampling(job.night.settings))


def _is_personal(contender: Contender) -> bool:
    """Whether it asks for a history: popularity is the same for everybody, and no broken model for that."""
    return not isinstance(contender.final, SingleSourceRecommender) or contender.final.source.needs_history


def _metrics(judged: Judged | None, name: str, is_personal: bool = True) -> dict[str, float]:
    """As the gate's rules name them."""
    if judged is None:
        return {}
    distinct = float(count_distinct(np.asarray(judged.scores[name])))
    return {**gate_metrics(judged.evaluation, name, is_personal=is_personal), DISTINCT_SCORES: distinct}
