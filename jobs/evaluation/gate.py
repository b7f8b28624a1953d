"""The gate: may a challenger be served in the champion's place?

Where the two were judged user by user, it asks for evidence (`is_not_worse`): promote if the interval of the relative
difference lies above -margin, or if the challenger is the better one of the two as far as anybody can tell. With
enough users this is a test of non-inferiority: a challenger that is worse by the margin passes once in forty nights
at 95 %, an equal one nearly always. With few users an interval is wider than any margin; asking for proof would keep
a champion for ever, so the better mean decides, and a worse challenger passes as often as chance hides its loss.
An unchanged recipe is equal user by user and always passes. A group of users may fall back by chance, too: it refuses
only where it lost more than `group_margin` and its interval, which holds for all groups together, is below zero.
`tests/evaluation/test_gate_rates.py` measures these rates.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.comparison import Comparison

DISTINCT_SCORES = "distinct_scores"


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


def count_distinct(scores: npt.NDArray[np.floating]) -> int:
    """How many different finite scores there are, of an array of any shape."""
    return len(np.unique(scores[np.isfinite(scores)]))


def is_not_worse(paired: Paired, margin: float, better: Literal["higher", "lower"] = "higher") -> bool:
    """Whether a challenger (value) may replace a champion (base); the rule and its errors are told above."""
    if better == "lower":
        return paired.difference <= 0 or paired.relative_high <= margin
    return paired.difference >= 0 or paired.relative_low >= -margin


def decide(
    challenger: Mapping[str, float],
    champion: Mapping[str, float] | None,
    rules: GateRules,
    paired: Comparison | None = None,
) -> Decision:
    """Promote or refuse; the first rule that is broken gives the reason.

    Parameters
    ----------
    challenger
        Its metrics: the one that is compared, those with a floor, and ``distinct_scores`` (`count_distinct`).
    champion
        Metrics of the champion on the same users and holdout; None where nobody is served yet.
    rules
        What has to hold.
    paired
        The two, user by user; without it their means are compared.
    """
    numbers = {**_numbers(challenger, champion, rules), **_paired_numbers(paired, rules)}
    broken = _unusable(challenger, rules) or _outside_limits(challenger, rules)
    if broken:
        return Decision(promote=False, reason=broken, numbers=numbers)
    if champion is None or not math.isfinite(champion.get(rules.metric, math.nan)):
        value = challenger[rules.metric]
        reason = f"{rules.metric} is {value:.4g} and there is no champion to compare with"
        return Decision(promote=True, reason=reason, numbers=numbers)
    if paired is not None and rules.metric in paired.metrics:
        return _compare_users(paired, rules, numbers)
    return _compare(challenger[rules.metric], champion[rules.metric], rules, numbers)


def _unusable(challenger: Mapping[str, float], rules: GateRules) -> str | None:
    for name in sorted({rules.metric, *rules.floors, DISTINCT_SCORES}):
        if name not in challenger:
            return f"the challenger was measured without {name}"
        if not math.isfinite(challenger[name]):
            return f"the challenger's {name} is not a number"
    if challenger[DISTINCT_SCORES] < rules.min_distinct_scores:
        found, least = int(challenger[DISTINCT_SCORES]), rules.min_distinct_scores
        return f"the challenger gives {found} different scores, at least {least} are asked for"
    return None


def _outside_limits(challenger: Mapping[str, float], rules: GateRules) -> str | None:
    of_groups = {f"{group}.{rules.metric}": floor for group, floor in rules.group_floors.items()}
    measured = {name: floor for name, floor in of_groups.items() if name in challenger}
    for name, floor in sorted({**rules.floors, **measured}.items()):
        if challenger[name] < floor:
            return f"{name} is {challenger[name]:.4g}, below its floor of {floor:.4g}"
    for name, ceiling in sorted(rules.ceilings.items()):
        if challenger.get(name, ceiling) > ceiling:
            return f"{name} is {challenger[name]:.4g}, above its ceiling of {ceiling:.4g}"
    return None


def _compare_users(paired: Comparison, rules: GateRules, numbers: dict[str, float]) -> Decision:
    """By the evidence of all users, then of each group."""
    found = paired.metrics[rules.metric]
    promote = is_not_worse(found, rules.margin, rules.better)
    reason = (
        f"{rules.metric} is {found.value:.4g}, the champion's {found.base:.4g} on the same {paired.n_users} users: "
        f"{_change(found)}, {_standing(found, rules, promote)}"
    )
    lost = _fallen_back(paired, rules) if promote else None
    return Decision(promote=promote and lost is None, reason=lost or reason, numbers=numbers)


def _fallen_back(paired: Comparison, rules: GateRules) -> str | None:
    """The sentence of the group that lost most, if one lost too much."""
    sign = 1.0 if rules.better == "higher" else -1.0
    lost = {
        name: group
        for name, group in paired.groups.items()
        if rules.group_margin is not None
        and sign * group.paired.relative < -rules.group_margin
        and (group.paired.high < 0 if rules.better == "higher" else group.paired.low > 0)
    }
    if not lost:
        return None
    name = min(lost, key=lambda each: (sign * lost[each].paired.relative, each))
    group = lost[name]
    return (
        f"{rules.metric} of group {name} ({group.n_users} users) is {group.paired.value:.4g}, the champion's "
        f"{group.paired.base:.4g}: {_change(group.paired)}, outside the groups' margin of {rules.group_margin:.2%}"
    )


def _standing(paired: Paired, rules: GateRules, promote: bool) -> str:
    is_lower = paired.difference < 0 if rules.better == "higher" else paired.difference > 0
    if not is_lower:
        return "not worse"
    return f"{'' if promote else 'not '}within the margin of {rules.margin:.2%} for certain"


def _change(paired: Paired) -> str:
    return f"{paired.relative:+.2%} ({paired.relative_low:+.2%} to {paired.relative_high:+.2%})"


def _compare(new: float, old: float, rules: GateRules, numbers: dict[str, float]) -> Decision:
    slack = rules.margin * abs(old)
    limit = old - slack if rules.better == "higher" else old + slack
    promote = new >= limit if rules.better == "higher" else new <= limit
    reason = (
        f"{rules.metric} is {new:.4g}, {'within' if promote else 'outside'} the margin of "
        f"{rules.margin:.2%} around the champion's {old:.4g} (limit {limit:.4g}, {rules.better} is better)"
    )
    return Decision(promote=promote, reason=reason, numbers={**numbers, "limit": limit})


def _numbers(
    challenger: Mapping[str, float], champion: Mapping[str, float] | None, rules: GateRules
) -> dict[str, float]:
    names = {rules.metric, *rules.floors, DISTINCT_SCORES}
    every = {
        **{f"challenger_{name}": challenger.get(name, math.nan) for name in names},
        **{f"floor_{name}": floor for name, floor in rules.floors.items()},
        f"champion_{rules.metric}": (champion or {}).get(rules.metric, math.nan),
        "margin": rules.margin,
    }
    return {name: float(value) for name, value in sorted(every.items()) if math.isfinite(value)}


def _paired_numbers(paired: Comparison | None, rules: GateRules) -> dict[str, float]:
    if paired is None or rules.metric not in paired.metrics:
        return {}
    every = {"n_users": float(paired.n_users), **_interval("", paired.metrics[rules.metric])}
    for name, group in sorted(paired.groups.items()):
        every |= _interval(f"{name}.", group.paired)
    return {name: value for name, value in every.items() if math.isfinite(value)}


def _interval(prefix: str, paired: Paired) -> dict[str, float]:
    names = ("difference", "low", "high", "relative", "relative_low", "relative_high")
    return {f"{prefix}{name}": float(getattr(paired, name)) for name in names}
