"""Which of the models of a night becomes the challenger: the two-stage one, or a single source that is better."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.evaluation.bootstrap import Paired, compare_pair
from jobs.evaluation.comparison import Resampling
from jobs.evaluation.gate_evidence import is_not_worse
from jobs.evaluation.ranking import PerUser


@dataclass(frozen=True)
class Choice:
    """The challenger of a night.

    Attributes
    ----------
    name
        Of the chosen model.
    reason
        One sentence with its numbers.
    best_single
        The single source with the highest mean; None where there is none.
    paired
        The two-stage model (value) beside it (base); None where there was nothing to choose from.
    """

    name: str
    reason: str
    best_single: str | None
    paired: Paired | None


def choose_challenger(
    two_stage: str, per_user: Mapping[str, PerUser], metric: str, margin: float, how: Resampling
) -> Choice:
    """Choose by the gate's own rule: the two-stage model must be one that may replace the best single source.

    A second stage can only reorder what its sources bring: one that is not at least as good has learned noise, and
    the source is cheaper and easier to explain. So the burden lies on the second stage: it is chosen if its mean is
    the higher one, or if its interval lies within the margin. The best of many sources on one holdout looks a little
    better than it is, which leans to the side of the simpler model.

    Parameters
    ----------
    two_stage
        Name of the two-stage model; one that could not be trained is in no `per_user`.
    per_user
        Model to shape (n_users,): the metric of each user on the same holdout, users in one order.
    metric
        Its name, for the sentence.
    margin
        As `GateRules.margin`.
    how
        Intervals are drawn.

    Raises
    ------
    ValueError
        If there is no model at all.
    """
    best = best_single(per_user, two_stage)
    if best is None:
        if two_stage not in per_user:
            raise ValueError("there is no model to choose from: none was judged")
        return Choice(two_stage, f"{two_stage} is the only model that was judged", None, None)
    if two_stage not in per_user:
        reason = f"{best} has the highest {metric} of the single sources; {two_stage} was not trained"
        return Choice(best, reason, best, None)
    paired = compare_pair(per_user[two_stage], per_user[best], how.n_draws, how.seed, how.confidence)
    chosen = two_stage if is_not_worse(paired, margin) else best
    return Choice(chosen, _sentence(chosen, two_stage, best, metric, paired), best, paired)


def best_single(per_user: Mapping[str, PerUser], two_stage: str = "") -> str | None:
    """The model with the highest mean but for one; the first by name of equal ones."""
    means = {name: float(values.mean()) for name, values in per_user.items() if name != two_stage and len(values)}
    return min(means, key=lambda name: (-means[name], name)) if means else None


def _sentence(chosen: str, two_stage: str, best: str, metric: str, paired: Paired) -> str:
    return (
        f"{chosen} is served: {metric} of {two_stage} is {paired.value:.4g}, of {best}, the best single source, "
        f"{paired.base:.4g}: {paired.relative:+.2%} ({paired.relative_low:+.2%} to {paired.relative_high:+.2%})"
    )
