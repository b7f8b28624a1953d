"""The night's MLflow run of the recommender, with a child run for the ranker and each source.

Two nights are compared in MLflow's UI by name: metrics are those of `flat_metrics`, parameters are the app's whole
recipe with dots, also where a single source is served, and files lie under the same paths every night.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from jobs.adapters.tracking.records import ModelRun, ServedModel, SourceRun, TrainingData, Value, flat_params
from jobs.adapters.tracking.shown_users_page import render_shown_users
from jobs.core.config.model import Settings
from jobs.core.model_schemas import RECOMMENDER_TRAINING
from jobs.datasets.shown_users import ShownUser, build_shown_users, sample_users
from jobs.evaluation.evaluation_numbers import flat_metrics, records
from jobs.evaluation.tasks import FOR_YOU
from jobs.models.sources.registry import SOURCES
from jobs.models.two_stage.importance import feature_importance
from jobs.models.two_stage.ranker import STOPPED_AT
from jobs.models.two_stage.training import TrainingReport
from jobs.models.two_stage.two_stage import TwoStageRecommender
from jobs.stages.champions import RECOMMENDER
from jobs.stages.contenders import TWO_STAGE, Contender, recipe_params
from jobs.stages.recommender_card import build_card
from jobs.stages.recommender_pictures import build_pictures
from jobs.stages.trained_night import TrainedNight

N_SHOWN = 12  # users of the page; as many as people look through
SHOWN_SOURCES = 4  # methods beside the one that is served: more do not fit a screen
NONE = "none"


def build_model_run(night: TrainedNight, served: ServedModel) -> ModelRun:
    """Everything that MLflow keeps of a night's recommender.

    Parameters
    ----------
    night
        What was trained and found. No user id of it gets into the run.
    served
        The model itself, by `package_recommender`.
    """
    importance = _importance(night)
    shown = _shown_users(night)
    return ModelRun(
        role=RECOMMENDER,
        content_name=night.content_name,
        params=run_params(night.settings, night.chosen),
        metrics={**_measured(night, night.chosen.name), **_training_metrics(night)},
        tags=_tags(night),
        training_data=TrainingData(
            RECOMMENDER_TRAINING.name, night.training_digest, f"recommender_training run_date={night.run_date}"
        ),
        model=served,
        model_card=build_card(night, importance),
        sources=(*_children(night), *_left_out(night)),
        steps=_curves(night.contenders.report),
        tables=_tables(night, importance),
        texts=_texts(night, shown),
        pictures=build_pictures(night, importance),
    )


def run_params(settings: Settings, chosen: Contender) -> dict[str, Value]:
    """The app's recipe and what is served of it, flat; a source that is switched off says so."""
    recipe = recipe_params(settings)
    sources = {**dict.fromkeys(SOURCES), **recipe["sources"]}
    told = settings.recommender
    data = {"goal": told.goal, "horizon_days": told.horizon_days, "history_days": told.history_days}
    nested = {
        "kind": chosen.final.name,
        "served": chosen.name,
        "data": data,
        **recipe,
        "sources": _on_or_off(sources),
    }
    return flat_params(nested)


def _on_or_off(sources: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """Parameters of each source; one without any says that it is on."""
    return {name: "on" if of is not None and not of else of for name, of in sources.items()}


def _tags(night: TrainedNight) -> dict[str, str]:
    return {
        "run_date": str(night.run_date),
        "served": night.chosen.name,
        "why": night.why,
        "champion": night.champion or NONE,
        "left_out": ", ".join(sorted(night.contenders.left_out)) or NONE,
        "config_fingerprint": night.config_fingerprint,
        "training_digest": night.training_digest,
        "code_commit": night.code_commit,
    }


def _measured(night: TrainedNight, method: str) -> dict[str, float]:
    return flat_metrics(night.judged.evaluation, method) if night.judged else {}


def _training_metrics(night: TrainedNight) -> dict[str, float]:
    report = night.contenders.report
    counts = {"n_windows": len(night.windows), "n_sources": len(night.contenders.all) - (report is not None)}
    if report is not None:
        counts |= {"n_rows": report.n_rows, "n_users": report.n_users}
        counts |= {f"n_trees_{name}": fit.n_served for name, fit in report.fits.items()}
    return {f"training/{name}": float(count) for name, count in counts.items()}


def _curves(report: TrainingReport | None) -> dict[str, list[float]]:
    fits = report.fits if report else {}
    return {f"training/ndcg_at_{STOPPED_AT}_{name}": list(fit.curve) for name, fit in fits.items()}


def _children(night: TrainedNight) -> list[SourceRun]:
    """The ranker first, then the sources; what else was judged, such as yesterday's champion, last."""
    trained = {contender.name: contender for contender in night.contenders.all}
    others = [name for name in (night.judged.methods if night.judged else {}) if name not in trained]
    runs = [_child(night, contender) for contender in night.contenders.all]
    return [*runs, *(SourceRun(name, _champion_params(night), _measured(night, name)) for name in others)]


def _child(night: TrainedNight, contender: Contender) -> SourceRun:
    if contender.name == TWO_STAGE:
        params = {name: value for name, value in contender.final.params.items() if name != "sources"}
        return SourceRun(
            contender.name,
            flat_params(params),
            _measured(night, contender.name),
            steps=_curves(night.contenders.report),
        )
    own = {f"sources.{contender.name}": contender.final.params.get("params", {})}
    return SourceRun(contender.name, flat_params(own), _measured(night, contender.name))


def _champion_params(night: TrainedNight) -> dict[str, Value]:
    return {"content_name": night.champion or NONE, **flat_params(night.champion_recipe)}


def _left_out(night: TrainedNight) -> list[SourceRun]:
    """Sources that took no part: a run without numbers that says why, so that a gap is no riddle."""
    return [
        SourceRun(name, {}, {}, note=f"Left out of this night: {reason}")
        for name, reason in sorted(night.contenders.left_out.items())
    ]


def _importance(night: TrainedNight) -> pd.DataFrame | None:
    """Of the trees that were judged, on candidates of the users that judged them."""
    if night.judged is None or night.contenders.report is None:
        return None
    model = night.contenders.named(TWO_STAGE).judged
    if not isinstance(model, TwoStageRecommender):
        return None
    history = night.judged.window.past.history.take(night.judged.task.users)
    return feature_importance(model, history, night.judged.window.past.catalogue.is_available)


def _shown_users(night: TrainedNight) -> tuple[ShownUser, ...]:
    """Some judged users with the lists of the leading methods, the one that is served last."""
    if night.judged is None:
        return ()
    past, task = night.judged.window.past, night.judged.task
    key = night.settings.tracking.hash_key
    rows = sample_users(past.history, task.users, key, N_SHOWN)
    leading = [row.method for row in night.judged.evaluation.leading(FOR_YOU, SHOWN_SOURCES + 1)]
    beside = [name for name in reversed(leading) if name != night.chosen.name][:SHOWN_SOURCES]
    lists = {name: night.judged.methods[name].lists[FOR_YOU][rows] for name in [*beside, night.chosen.name]}
    return build_shown_users(past.history, task.users[rows], past.catalogue, lists, task.relevant[rows], key)


def _tables(night: TrainedNight, importance: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    tables = {}
    if importance is not None:
        tables["features/importance"] = importance
    if night.judged is not None:
        tables["evaluation/metrics"] = pd.DataFrame(records(night.judged.evaluation))
    return tables


def _texts(night: TrainedNight, shown: tuple[ShownUser, ...]) -> dict[str, str]:
    if night.judged is None:
        return {}
    evaluation = night.judged.evaluation
    page = render_shown_users(shown, night.content_name, evaluation.cut, evaluation.horizon_days)
    return {"users/lists.html": page, "evaluation/evaluation.json": evaluation.to_json()}
