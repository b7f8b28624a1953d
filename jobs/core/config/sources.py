"""The section `recommender.sources`: which candidate sources there are, by what name, and with which parameters."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import BeforeValidator, Field

from jobs.core.config.nearest import nearest
from jobs.core.config.quantities import Positive, Share
from jobs.core.config.section import Section

Days = Annotated[float, Field(gt=0)]
AboveZero = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Signal = Literal["goal", "interest"]
SourceName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]


class TrendSettings(Section):
    """What sources with a trend factor have besides; a parameter that is not given has the source's own default."""

    trend_half_life_days: Days | None = None
    trend_base_half_life_days: Days | None = None
    trend_power: NotNegative | None = None


class AlsSource(Section):
    """Implicit ALS; its seed is that of the recommender."""

    kind: Literal["als"]
    factors: Positive | None = None
    regularization: AboveZero | None = None
    iterations: Positive | None = None
    alpha: AboveZero | None = None
    weighting: Literal["bm25", "confidence"] | None = None
    bm25_k1: AboveZero | None = None
    bm25_b: Share | None = None
    half_life_days: Days | None = None
    signal: Signal | None = None


class BasketsSource(TrendSettings):
    """Items of one basket."""

    kind: Literal["baskets"]
    n_neighbours: Positive | None = None
    half_life_days: Days | None = None
    history_half_life_days: Days | None = None


class ContentSource(Section):
    """Words and categories of items."""

    kind: Literal["content"]
    half_life_days: Days | None = None
    category_weight: NotNegative | None = None
    popularity_half_life_days: Days | None = None
    popularity_power: NotNegative | None = None
    signal: Signal | None = None


class EaseSource(TrendSettings):
    """The linear model with a closed form."""

    kind: Literal["ease"]
    ridge: AboveZero | None = None
    half_life_days: Days | None = None
    history_half_life_days: Days | None = None
    max_items: Positive | None = None
    n_weights: Positive | None = None
    signal: Signal | None = None


class ItemItemSource(TrendSettings):
    """Items that the same users have."""

    kind: Literal["item_item"]
    similarity: Literal["bm25", "cosine"] | None = None
    n_neighbours: Positive | None = None
    half_life_days: Days | None = None
    history_half_life_days: Days | None = None
    self_weight: NotNegative | None = None
    bm25_k1: AboveZero | None = None
    bm25_b: Share | None = None
    signal: Signal | None = None


class NewItemsSource(Section):
    """Items that have not been there for long."""

    kind: Literal["new_items"]
    new_days: Positive | None = None
    half_life_days: Days | None = None


class NextDaysSource(TrendSettings):
    """Ridge regression of what came after earlier cuts; its horizon is that of the recommender, if none is given."""

    kind: Literal["next_days"]
    horizon_days: Positive | None = None
    n_cuts: Positive | None = None
    cut_step_days: Positive | None = None
    cut_half_life_days: Days | None = None
    ridge: AboveZero | None = None
    half_life_days: Days | None = None
    max_items: Positive | None = None
    n_weights: Positive | None = None


class PopularitySource(Section):
    """Decayed popularity."""

    kind: Literal["popularity"]
    half_life_days: Days | None = None


class PopularityInContextSource(Section):
    """Decayed popularity where the user is."""

    kind: Literal["popularity_in_context"]
    half_life_days: Days | None = None
    prior_days: AboveZero | None = None


class RepeatSource(TrendSettings):
    """What a user buys again."""

    kind: Literal["repeat"]
    half_life_days: Days | None = None
    rebuy_prior: AboveZero | None = None
    due_width: NotNegative | None = None


class SequenceSource(TrendSettings):
    """What follows what."""

    kind: Literal["sequence"]
    n_neighbours: Positive | None = None
    gap_half_life_days: Days | None = None
    history_half_life_days: Days | None = None
    half_life_days: Days | None = None
    max_steps: Positive | None = None
    signal: Signal | None = None


class TasteSource(Section):
    """Tastes and habits from impressions; its seed, and its horizon if none is given, are the recommender's."""

    kind: Literal["taste"]
    factors: Positive | None = None
    segments: Positive | None = None
    sweeps: Positive | None = None
    horizon_days: Positive | None = None
    max_cells: Positive | None = None
    min_users: Positive | None = None


class TrendingSource(Section):
    """What is bought more than usual."""

    kind: Literal["trending"]
    half_life_days: Days | None = None
    base_half_life_days: Days | None = None


def _with_kinds(sources: Any) -> Any:
    """A source that says no kind is of the kind that it is named by."""
    if not isinstance(sources, Mapping):
        return sources
    named = {name: _with_kind(name, given) for name, given in sources.items()}
    for name, given in named.items():
        if isinstance(given, Mapping) and given["kind"] not in SOURCE_SECTIONS:
            raise ValueError(
                f"{name}: no source is of kind {given['kind']!r}{nearest(given['kind'], SOURCE_SECTIONS)}; "
                "a source of another name needs `kind`"
            )
    return named


def _with_kind(name: object, given: Any) -> Any:
    return {"kind": name, **given} if isinstance(given, Mapping) else given


SourceOfAnyKind = (
    AlsSource
    | BasketsSource
    | ContentSource
    | EaseSource
    | ItemItemSource
    | NewItemsSource
    | NextDaysSource
    | PopularitySource
    | PopularityInContextSource
    | RepeatSource
    | SequenceSource
    | TasteSource
    | TrendingSource
)

SOURCE_SECTIONS: Mapping[str, type[Section]] = {
    get_args(section.model_fields["kind"].annotation)[0]: section for section in get_args(SourceOfAnyKind)
}
"""Kind -> section."""

SourceSettings = Annotated[SourceOfAnyKind, Field(discriminator="kind")]

SourcesSettings = Annotated[dict[SourceName, SourceSettings | None], BeforeValidator(_with_kinds)]
"""Name -> source; `null` switches one off."""


class ConfiguredSource(NamedTuple):
    """One source that is switched on: its name, what it is, and the parameters that were given."""

    name: str
    kind: str
    params: dict[str, Any]


def configured_sources(
    sources: Mapping[str, SourceSettings | None], seed: int, horizon_days: int, engine: str
) -> list[ConfiguredSource]:
    """The sources that are switched on, by name.

    Parameters
    ----------
    sources
        `recommender.sources`.
    seed, horizon_days, engine
        Of the recommender: what sources have that draw at random, that learn from days after a cut and say no
        horizon, or that Spark may solve.
    """
    inherited: dict[str, dict[str, Any]] = {
        "als": {"seed": seed, "engine": engine},
        "next_days": {"horizon_days": horizon_days},
        "taste": {"seed": seed, "horizon_days": horizon_days},
    }
    return [
        ConfiguredSource(name, given.kind, {**inherited.get(given.kind, {}), **_given(given)})
        for name, given in sorted(sources.items())
        if given is not None
    ]


def _given(source: SourceSettings) -> dict[str, Any]:
    return source.model_dump(exclude={"kind"}, exclude_none=True)
