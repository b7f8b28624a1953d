"""The candidate sources by name. A new one is one file and one line here."""

from pathlib import Path

from jobs.core.errors import ModelError
from jobs.models.sources.als import Als
from jobs.models.sources.baskets import Baskets
from jobs.models.sources.content import Content
from jobs.models.sources.context_popularity import ContextPopularity
from jobs.models.sources.ease import Ease
from jobs.models.sources.item_item import ItemItem
from jobs.models.sources.new_items import NewItems
from jobs.models.sources.next_days import NextDays
from jobs.models.sources.popularity import Popularity
from jobs.models.sources.repeat import Repeat
from jobs.models.sources.sequence import Sequence
from jobs.models.sources.source import Source
from jobs.models.sources.taste.taste import Taste
from jobs.models.sources.trending import Trending
from jobs.models.storage import read_description

SOURCES: dict[str, type[Source]] = {
    source.name: source
    for source in (
        Als,
        Baskets,
        Content,
        ContextPopularity,
        Ease,
        ItemItem,
        NewItems,
        NextDays,
        Popularity,
        Repeat,
        Sequence,
        Taste,
        Trending,
    )
}


def create_source(kind: str, **params: float | int | str) -> Source:
    """A source that is not fitted yet.

    Raises
    ------
    ModelError
        If the name or a parameter does not exist, or a parameter is out of range.
    """
    source = _source_class(kind)
    try:
        return source(**params)
    except TypeError as error:
        raise ModelError(f"source '{kind}' does not take these parameters {sorted(params)}: {error}") from error


def load_source(folder: Path) -> Source:
    """The source that `Source.save` wrote into a folder, whichever it is.

    Raises
    ------
    ModelError
        If the folder holds no readable source, or one with an unknown name.
    """
    return _source_class(read_description(folder)["model"]).load(folder)


def fit_effort(kind: str) -> int:
    """`Source.fit_effort` of a kind; 0 of one that does not exist, which ends at once."""
    return SOURCES[kind].fit_effort if kind in SOURCES else 0


def _source_class(kind: str) -> type[Source]:
    if kind not in SOURCES:
        raise ModelError(f"no candidate source is called '{kind}'; there are {sorted(SOURCES)}")
    return SOURCES[kind]
