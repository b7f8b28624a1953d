"""What a challenger has to hold, and what the gate answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class GateRules:
    """What a challenger has to hold.

    Attributes
    ----------
    metric
        Metric by which challenger and champion are compared, on the same users and holdout.
    margin
        How much worse the challenger may be, as a share of the champion's value: nights differ by
        chance, and a champion that only a better sample can beat would grow old. Where both were judged user by
        user, much less will do: their differences vary much less than nights.
    better
        Whether a higher or a lower value is better.
    floors
        Least value of a metric, whoever is champion.
    min_distinct_scores
        Fewest different scores; a model that says the same of everybody is broken.
    ceilings
        Greatest value of a metric, where it was measured: ``equal_lists_at_10`` is not, for a model that by design
        says the same of everybody.
    group_margin
        How much a group of users may lose, as a share of the champion's value for it; None: groups do not count.
    group_floors
        Group to the least value of `metric` for it, whoever is champion; a group that was too small to be measured
        is passed over. The challenger's metrics name it ``<group>.<metric>``.
    """

    metric: str
    margin: float
    better: Literal["higher", "lower"] = "higher"
    floors: Mapping[str, float] = field(default_factory=dict)
    min_distinct_scores: int = 2
    ceilings: Mapping[str, float] = field(default_factory=dict)
    group_margin: float | None = None
    group_floors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """The gate's answer.

    Attributes
    ----------
    promote
        Whether the challenger becomes champion.
    reason
        One sentence with its numbers.
    numbers
        What the decision rests on, flat and without missing values.
    """

    promote: bool
    reason: str
    numbers: dict[str, float]
