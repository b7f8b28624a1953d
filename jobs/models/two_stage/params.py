"""Settings of the two-stage recommender; reasons and units stand in `recommender.ranker` of the configuration."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self, get_args

from jobs.core.errors import ModelError

Objective = Literal["lambdarank", "binary", "auto", "both"]


@dataclass(frozen=True)
class RankerParams:
    """How candidates are chosen, rows drawn and trees grown.

    Attributes
    ----------
    windows
        Most label windows that are learned from, besides the one that judges.
    new_per_source
        Never-had items that each source may propose for a user.
    new_items
        Never-had items that are ranked for a user: those that all sources together hold highest.
    own_items
        Items of the own history that are candidates, the most wished for first.
    max_users
        Most judged users of a window that are learned from; a sample by hash beyond.
    min_users
        Fewest judged users of a window that is used.
    negatives
        Share of the candidates nobody wanted that training keeps.
    objective
        ``lambdarank``, ``binary``; ``auto``: the better of the two on the validation window; ``both``: the mean of
        their scores, each with its own number of trees.
    truncation
        Pairs below this rank do not count in lambdarank.
    num_leaves_new
        Leaves of the trees for never-had items.
    learning_rate, num_leaves, min_child_samples, lambda_l2, feature_fraction, bagging_fraction, max_bin
        As in LightGBM.
    n_estimators, early_stopping_rounds
        Most trees, and trees without gain on the validation window after which fitting stops.
    trees_by_rows
        Power of the rows that the last fit learns from over those of the fit that stopped early, by which it grows
        more trees: 0 for the same number, 1 for as many times more.
    repeats
        Times that trees are grown, each with another seed: the mean of where they stop early is their number, and the
        mean of their scores is the score.
    """

    windows: int = 3
    new_per_source: int = 80
    new_items: int = 160
    own_items: int = 100
    max_users: int = 1500
    min_users: int = 50
    negatives: float = 0.2
    objective: Objective = "lambdarank"
    truncation: int = 20
    learning_rate: float = 0.08
    num_leaves: int = 15
    num_leaves_new: int = 7
    min_child_samples: int = 150
    lambda_l2: float = 20.0
    feature_fraction: float = 0.3
    bagging_fraction: float = 0.7
    max_bin: int = 63
    n_estimators: int = 500
    early_stopping_rounds: int = 50
    trees_by_rows: float = 0.0
    repeats: int = 1

    def __post_init__(self) -> None:
        if self.objective not in get_args(Objective):
            raise ModelError(f"two_stage: objective must be one of {get_args(Objective)}; got '{self.objective}'")


@dataclass(frozen=True)
class TwoStageParams:
    """All settings: parameters of each source by name, those of the ranker, and the seed of every draw."""

    sources: dict[str, dict[str, Any]]
    ranker: RankerParams = field(default_factory=RankerParams)
    seed: int = 7

    @classmethod
    def from_mapping(cls, params: Mapping[str, Any]) -> Self:
        """From what `to_mapping` gave, or a configuration holds: sources, ranker, seed.

        Raises
        ------
        ModelError
            If a setting is unknown, or there is no source.
        """
        try:
            ranker = RankerParams(**params.get("ranker", {}))
            given = {name: dict(of or {}) for name, of in params["sources"].items()}
            rest = {key: value for key, value in params.items() if key not in ("sources", "ranker")}
            built = cls(sources=given, ranker=ranker, **rest)
        except (TypeError, KeyError) as error:
            raise ModelError(f"two_stage does not take these parameters {sorted(params)}: {error}") from error
        if not built.sources:
            raise ModelError("two_stage has no source to rank; name at least one in recommender.sources")
        return built

    def to_mapping(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)
