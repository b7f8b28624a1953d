"""Challenger and champion, judged user by user: what the gate takes for evidence.

A challenger is not worse (`is_not_worse`) if the interval of the relative difference lies above -margin, or if it is
the better one of the two as far as anybody can tell. With enough users this is a test of non-inferiority: one that is
worse by the margin passes once in forty nights at 95 %, an equal one nearly always. With few users an interval is
wider than any margin; asking for proof would keep a champion for ever, so the better mean decides, and a worse
challenger passes as often as chance hides its loss. An unchanged recipe is equal user by user and always passes.

A group of users may fall back by chance, too: it refuses only where it lost more than `group_margin` and its
interval, which holds for all groups together, is below zero. The rates are measured in
`tests/evaluation/test_gate_rates.py`.
"""

import math
from typing import Literal

from jobs.evaluation.bootstrap import Paired
from jobs.evaluation.comparison import Comparison
from jobs.evaluation.gate_rules import Decision, GateRules


def is_not_worse(paired: Paired, margin: float, better: Literal["higher", "lower"] = "higher") -> bool:
    """Whether a challenger (value) may replace a champion (base); the rule and its errors are told above."""
    if better == "lower":
        return paired.difference <= 0 or paired.relative_high <= margin
    return paired.difference >= 0 or paired.relative_low >= -margin


def compare_users(paired: Comparison, rules: GateRules, numbers: dict[str, float]) -> Decision:
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


def paired_numbers(paired: Comparison | None, rules: GateRules) -> dict[str, float]:
    """What the evidence rests on, flat; a number of a group is named ``<group>.<number>``."""
    if paired is None or rules.metric not in paired.metrics:
        return {}
    every = {"n_users": float(paired.n_users), **_interval("", paired.metrics[rules.metric])}
    for name, group in sorted(paired.groups.items()):
        every |= _interval(f"{name}.", group.paired)
    return {name: value for name, value in every.items() if math.isfinite(value)}


def _interval(prefix: str, paired: Paired) -> dict[str, float]:
    names = ("difference", "low", "high", "relative", "relative_low", "relative_high")
    return {f"{prefix}{name}": float(getattr(paired, name)) for name in names}
