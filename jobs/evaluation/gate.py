"""The gate: may a challenger be served in the champion's place?

Where the two were judged user by user it asks for evidence (`jobs/evaluation/gate_evidence.py`), else it compares
means.
"""

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from jobs.evaluation.comparison import Comparison
from jobs.evaluation.gate_evidence import compare_users, paired_numbers
from jobs.evaluation.gate_rules import Decision, GateRules

DISTINCT_SCORES = "distinct_scores"


def count_distinct(scores: npt.NDArray[np.floating]) -> int:
    """How many different finite scores there are, of an array of any shape."""
    return len(np.unique(scores[np.isfinite(scores)]))


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
    numbers = {**_numbers(challenger, champion, rules), **paired_numbers(paired, rules)}
    broken = _unusable(challenger, rules) or _outside_limits(challenger, rules)
    if broken:
        return Decision(promote=False, reason=broken, numbers=numbers)
    if champion is None or not math.isfinite(champion.get(rules.metric, math.nan)):
        value = challenger[rules.metric]
        reason = f"{rules.metric} is {value:.4g} and there is no champion to compare with"
        return Decision(promote=True, reason=reason, numbers=numbers)
    if paired is not None and rules.metric in paired.metrics:
        return compare_users(paired, rules, numbers)
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
