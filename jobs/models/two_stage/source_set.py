"""The sources of one cut, fitted together and asked together."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from jobs.core.errors import ModelError
from jobs.datasets.history import History, Ids
from jobs.datasets.past import Past
from jobs.models.lists import Scores
from jobs.models.sources.registry import create_source, load_source
from jobs.models.sources.source import Source

logger = logging.getLogger(__name__)

FOLDER = "sources"
TINY = np.float32(1e-9)  # of an expectation: what a source thinks impossible may still happen


class SourceFailedError(ModelError):
    """One source could not learn from a cut; it is left out, the others go on."""

    def __init__(self, source: str, cut: date, reason: Exception) -> None:
        # Our own errors are sentences; of others the kind says more than the text.
        said = str(reason) if isinstance(reason, ModelError) else f"{type(reason).__name__}: {reason}"
        # A sentence names the kind of source, which is usually its name as well.
        told = said if said.startswith(f"source '{source}'") else f"source '{source}': {said}"
        super().__init__(f"{told} (up to {cut})")
        self.source = source


@dataclass(frozen=True)
class SourceSet:
    """Fitted sources, in the order of their names.

    Attributes
    ----------
    names
        Of the settings; two may be of one kind.
    sources
        All over the same items.
    """

    names: tuple[str, ...]
    sources: tuple[Source, ...]

    @classmethod
    def fit(cls, sources: Mapping[str, Mapping[str, Any]], past: Past) -> Self:
        """Fit each source to a past.

        Parameters
        ----------
        sources
            Parameters by name; `kind` among them where the name is not that of the kind.

        Raises
        ------
        SourceFailedError
            For the first one that cannot learn from it.
        """
        names = tuple(sorted(sources))
        return cls(names, tuple(fit_source(name, sources[name], past) for name in names))

    def only(self, names: tuple[str, ...]) -> Self:
        """Some of the sources, by their names in ascending order."""
        kept = [(name, source) for name, source in zip(self.names, self.sources, strict=True) if name in names]
        return type(self)(tuple(name for name, _ in kept), tuple(source for _, source in kept))

    @property
    def items(self) -> Ids:
        """Shape (n_items,): the items that all of them know."""
        return self.sources[0].items

    @property
    def prior(self) -> int | None:
        """Position of the source whose scores are expectations of the goal, where there is one."""
        found = [place for place, source in enumerate(self.sources) if source.is_probability]
        return found[0] if found else None

    def score(self, history: History) -> list[Scores]:
        """Of each source: shape (n_users, n_items), float32.

        Raises
        ------
        SourceFailedError
            For the first one that cannot.
        """
        return [_scored(name, source, history) for name, source in zip(self.names, self.sources, strict=True)]

    def save(self, folder: Path) -> None:
        """Write each source into a folder of its own."""
        for name, source in zip(self.names, self.sources, strict=True):
            source.save(folder / FOLDER / name)

    @classmethod
    def load(cls, folder: Path, names: tuple[str, ...]) -> Self:
        """Read what `save` wrote."""
        return cls(names, tuple(load_source(folder / FOLDER / name) for name in names))


def log_prior(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Logarithm of an expectation: what trees start from. Any shape."""
    return np.log(np.maximum(scores, TINY)).astype(np.float64)


def fit_source(name: str, params: Mapping[str, Any], past: Past) -> Source:
    """One source of a set.

    Parameters
    ----------
    name
        In the settings.
    params
        `kind` among them where the name is not that of the kind.

    Raises
    ------
    SourceFailedError
        If it cannot learn from the past, for whatever reason.
    """
    started = time.perf_counter()
    try:
        rest = {key: value for key, value in params.items() if key != "kind"}
        source = create_source(params.get("kind", name), **rest).fit(past)
    except Exception as error:  # whatever is wrong with one source, the night goes on without it
        raise _failed(name, past.history.cut, error) from error
    logger.debug("source %s fitted to %s in %.1f s", name, past.history.cut, time.perf_counter() - started)
    return source


def _scored(name: str, source: Source, history: History) -> Scores:
    try:
        return source.score(history)
    except Exception as error:  # as above
        raise _failed(name, history.cut, error) from error


def _failed(name: str, cut: date, error: Exception) -> SourceFailedError:
    if not isinstance(error, ModelError):
        logger.warning("source %s has a defect", name, exc_info=error)
    return SourceFailedError(name, cut, error)
