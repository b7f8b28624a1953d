"""Everything that trees are grown from: sources and features of each cut, rows of each label window."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.core.errors import ModelError
from jobs.datasets.past import Past, Window
from jobs.models.two_stage.features import Features
from jobs.models.two_stage.params import TwoStageParams
from jobs.models.two_stage.rows import Rows, build_rows
from jobs.models.two_stage.source_fits import fit_all, fit_possible
from jobs.models.two_stage.source_set import SourceFailedError, SourceSet
from jobs.models.workers import side_by_side

logger = logging.getLogger(__name__)

FEWEST_WINDOWS = 2  # one to learn from, one to judge
STOPPING = 1  # place of the window that says when to stop growing trees; place 0 judges


@dataclass(frozen=True)
class Fit:
    """Sources and features of one cut."""

    sources: SourceSet
    features: Features

    def only(self, names: tuple[str, ...]) -> "Fit":
        """With some of the sources."""
        return Fit(self.sources.only(names), self.features)


@dataclass(frozen=True)
class Material:
    """Everything that trees are grown from.

    Attributes
    ----------
    settings
        With the sources that every cut can be learned from.
    newest
        Fitted to the past of the newest window.
    final
        Fitted up to the run date.
    windows
        Rows of each, newest first; only those drawn, but all of the window that fitting stops by.
    """

    settings: TwoStageParams
    newest: Fit
    final: Fit
    windows: list[Rows]


def usable_windows(windows: Sequence[Window], min_users: int) -> list[Window]:
    """Those with enough judged users to learn from.

    Raises
    ------
    ModelError
        If the newest is none of them, or fewer than two are.
    """
    counts = [len(window.judged) for window in windows]
    if windows and counts[0] < min_users:
        raise ModelError(
            f"two_stage: the newest window, after {windows[0].past.history.cut}, has {counts[0]} users to judge by, "
            f"{min_users} are needed; serve a single source, or lower recommender.ranker.min_users"
        )
    usable = [window for window, count in zip(windows, counts, strict=True) if count >= min_users]
    if len(usable) < FEWEST_WINDOWS:
        raise ModelError(
            f"two_stage: {len(usable)} of {len(windows)} label windows have {min_users} judged users "
            f"(found {counts}), {FEWEST_WINDOWS} are needed; serve a single source until there is more history"
        )
    return usable


def gather(settings: TwoStageParams, past: Past, windows: list[Window]) -> tuple[Material, dict[str, str]]:
    """Fit and build with the sources that every cut can be learned from; a failing one is left out of all.

    Parameters
    ----------
    settings
        With all sources.
    past
        Up to the run date.
    windows
        Usable ones, newest first.

    Returns
    -------
    Material
        What trees are grown from.
    dict
        Why, by the name of each source that was left out.
    """
    # The oldest window has the least to learn from and the run date the most items: what fails does so on these two.
    pasts = [windows[-1].past, past]
    possible, left_out = fit_possible(settings.sources, pasts)
    oldest, final = _with_features(possible, pasts)
    while True:
        usable = _without(settings, left_out)
        names = tuple(sorted(usable.sources))
        try:
            later = [window.past for window in windows[:-1]]
            fits = [*_with_features(fit_all(usable.sources, later), later), oldest.only(names)]
            rows = [_rows(usable, window, fit) for window, fit in zip(windows, fits, strict=True)]
        except SourceFailedError as error:
            left_out[error.source] = str(error)
            continue
        # Only the window that fitting stops by needs what was not drawn.
        kept = [of if place == STOPPING else of.kept(of.is_drawn) for place, of in enumerate(rows)]
        return Material(usable, fits[0], final.only(names), kept), left_out


def _without(settings: TwoStageParams, left_out: Mapping[str, str]) -> TwoStageParams:
    for name, reason in left_out.items():
        logger.warning("source %s is left out of this training: %s", name, reason)
    rest = {name: params for name, params in settings.sources.items() if name not in left_out}
    if not rest:
        raise ModelError(f"two_stage: no source can learn from these windows: {'; '.join(left_out.values())}")
    return replace(settings, sources=rest)


def _with_features(sets: Sequence[SourceSet], pasts: Sequence[Past]) -> list[Fit]:
    return list(map(Fit, sets, side_by_side(Features.fit, pasts)))


def _rows(settings: TwoStageParams, window: Window, fit: Fit) -> Rows:
    rows = build_rows(window, fit.sources, fit.features, settings.ranker, settings.seed)
    logger.debug("window after %s: %d rows", window.past.history.cut, len(rows.label))
    return rows
