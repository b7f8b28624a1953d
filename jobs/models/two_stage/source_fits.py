"""Sources fitted to several cuts, side by side: the unit of work is one source and one cut."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from jobs.datasets.past import Past
from jobs.models.sources.registry import fit_effort
from jobs.models.sources.source import Source
from jobs.models.two_stage.source_set import SourceFailedError, SourceSet, fit_source
from jobs.models.workers import side_by_side

SourceParams = Mapping[str, Mapping[str, Any]]
"""Parameters by name; `kind` among them where the name is not that of the kind."""

Found = TypeVar("Found")


def fit_all(sources: SourceParams, pasts: Sequence[Past]) -> list[SourceSet]:
    """All sources of each past, in the order of the pasts.

    Raises
    ------
    SourceFailedError
        For one that cannot learn from one of them.
    """
    return [_set_of(fitted) for fitted in _each(sources, pasts, fit_source)]


def fit_possible(sources: SourceParams, pasts: Sequence[Past]) -> tuple[list[SourceSet], dict[str, str]]:
    """Of each past the sources that can learn from it; why the others cannot, by name, from the last such past."""
    tried = _each(sources, pasts, _fit_or_error)
    failed = {
        name: str(one) for of_past in tried for name, one in of_past.items() if isinstance(one, SourceFailedError)
    }
    fitted = [{name: one for name, one in of_past.items() if isinstance(one, Source)} for of_past in tried]
    return [_set_of(of_past) for of_past in fitted], failed


def _each(
    sources: SourceParams, pasts: Sequence[Past], fit: Callable[[str, Mapping[str, Any], Past], Found]
) -> list[dict[str, Found]]:
    """Of each past what came of each source, in the order of the names."""
    names = sorted(sources)
    tasks = [(name, place) for name in names for place in range(len(pasts))]
    # The longest first: one begun last would leave the other worker with nothing to do.
    tasks.sort(key=lambda task: -fit_effort(sources[task[0]].get("kind", task[0])))
    found = side_by_side(lambda task: fit(task[0], sources[task[0]], pasts[task[1]]), tasks)
    by_task = dict(zip(tasks, found, strict=True))
    return [{name: by_task[name, place] for name in names} for place in range(len(pasts))]


def _fit_or_error(name: str, params: Mapping[str, Any], past: Past) -> Source | SourceFailedError:
    try:
        return fit_source(name, params, past)
    except SourceFailedError as error:
        return error


def _set_of(fitted: Mapping[str, Source]) -> SourceSet:
    return SourceSet(tuple(fitted), tuple(fitted.values()))
