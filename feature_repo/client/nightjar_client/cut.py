"""The part of a list that is shown."""

from collections.abc import Sequence
from dataclasses import replace

from nightjar_client.answers import Recommendations


def cut(answer: Recommendations, k: int, exclude: frozenset[str]) -> Recommendations:
    """At most k items, without those left out; order stays."""
    chosen: Sequence[int]
    if exclude.isdisjoint(answer.items):
        if len(answer.items) <= k:
            return answer
        chosen = range(k)
    else:
        chosen = [place for place, item in enumerate(answer.items) if item not in exclude][:k]
    return replace(
        answer,
        items=tuple(answer.items[place] for place in chosen),
        scores=tuple(answer.scores[place] for place in chosen),
        reasons=tuple(answer.reasons[place] for place in chosen),
        anchors=tuple(answer.anchors[place] for place in chosen),
    )
