"""Everything that is trained on a night: the two-stage recommender, and each of its sources by itself."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.core.config.model import Settings
from jobs.core.errors import ModelError
from jobs.datasets.past import Past, Window
from jobs.evaluation.evaluation import Kind
from jobs.models.recommender import Recommender
from jobs.models.recommenders import train_recommender
from jobs.models.single_source import SingleSourceRecommender
from jobs.models.two_stage.source_set import SourceSet
from jobs.models.two_stage.training import TrainedTwoStage, TrainingReport, train_two_stage
from jobs.models.two_stage.two_stage import TwoStageRecommender

log = logging.getLogger("nightjar")

TWO_STAGE = TwoStageRecommender.name


class NothingToLearnError(ModelError):
    """No source can learn from what there is: on an app's first days the goal may not have been reached yet."""


@dataclass(frozen=True)
class Contender:
    """One recipe, trained twice.

    Attributes
    ----------
    name
        ``two_stage``, or that of a source in the settings.
    kind
        Whether it is the ranker or a source, for the evaluation.
    judged
        Knows nothing past the cut of the newest window; None where there is no window yet, or too little before it.
    final
        Up to the end of the run date: what would be served.
    """

    name: str
    kind: Kind
    judged: Recommender | None
    final: Recommender


@dataclass(frozen=True)
class Contenders:
    """All of a night.

    Attributes
    ----------
    all
        The two-stage recommender first, where there is enough to train it with; then its sources by name.
    report
        How the training of the two stages went; None without them.
    left_out
        Why, by the name of each source that took no part.
    """

    all: tuple[Contender, ...]
    report: TrainingReport | None
    left_out: Mapping[str, str]

    def named(self, name: str) -> Contender:
        """The one of that name."""
        return next(contender for contender in self.all if contender.name == name)


def source_params(settings: Settings) -> dict[str, dict[str, Any]]:
    """Parameters of each source by its name; `kind` among them where the name is another one."""
    return {
        each.name: each.params if each.kind == each.name else {"kind": each.kind, **each.params}
        for each in settings.recommender.configured_sources()
    }


def recipe_params(settings: Settings) -> dict[str, Any]:
    """Parameters of the two-stage recommender as the app's settings have them."""
    told = settings.recommender
    return {"sources": source_params(settings), "ranker": told.ranker.model_dump(), "seed": told.seed}


def train_contenders(params: Mapping[str, Any], past: Past, windows: Sequence[Window]) -> Contenders:
    """Train the two stages, and with them every source; the sources alone where there is too little for trees.

    Parameters
    ----------
    params
        Of the two-stage recommender: `recipe_params`.
    past
        Up to the end of the run date.
    windows
        Label windows, newest first.

    Raises
    ------
    NothingToLearnError
        If no source can learn from the past.
    """
    try:
        return _of_two_stages(train_two_stage(params, past, windows))
    except ModelError as error:
        log.warning("no two-stage recommender tonight: %s", error)
    return _of_sources(params["sources"], past, windows)


def _of_two_stages(trained: TrainedTwoStage) -> Contenders:
    judged, final = trained.judged.sources, trained.final.sources
    first = Contender(TWO_STAGE, "ranker", trained.judged, trained.final)
    singles = (
        Contender(name, "source", _single(judged, name), _single(final, name)) for name in trained.final.sources.names
    )
    return Contenders((first, *singles), trained.report, trained.report.left_out)


def _single(sources: SourceSet, name: str) -> SingleSourceRecommender:
    source = sources.sources[sources.names.index(name)]
    return SingleSourceRecommender(source, source.name)


def _of_sources(sources: Mapping[str, Mapping[str, Any]], past: Past, windows: Sequence[Window]) -> Contenders:
    found: list[Contender] = []
    left_out: dict[str, str] = {}
    for name, own in sorted(sources.items()):
        try:
            found.append(_alone(name, own, past, windows))
        except ModelError as error:
            log.warning("source %s is left out tonight: %s", name, error)
            left_out[name] = str(error)
    if not found:
        raise NothingToLearnError(f"no source can learn from the history up to {past.history.cut}: {left_out}")
    return Contenders(tuple(found), None, left_out)


def _alone(name: str, own: Mapping[str, Any], past: Past, windows: Sequence[Window]) -> Contender:
    final = SourceSet.fit({name: own}, past)
    return Contender(name, "source", _judged_alone(name, own, windows), _single(final, name))


def _judged_alone(name: str, own: Mapping[str, Any], windows: Sequence[Window]) -> SingleSourceRecommender | None:
    """None where a window has nobody to be judged by, or its past is too young to learn from."""
    if not windows or not len(windows[0].judged):
        return None
    try:
        return _single(SourceSet.fit({name: own}, windows[0].past), name)
    except ModelError as error:
        log.warning("source %s is not judged tonight: %s", name, error)
        return None


def train_again(kind: str, params: Mapping[str, Any], past: Past, windows: Sequence[Window]) -> Recommender:
    """What the recipe of yesterday's champion gives when it is judged on tonight's newest window.

    Raises
    ------
    ModelError
        If its kind or a parameter is unknown by now, or it cannot learn from these windows.
    """
    return train_recommender(kind, params, past, windows).judged
