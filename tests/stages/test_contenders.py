"""First days: sources are trained as soon as they can be, and judged as soon as that can be."""

from datetime import date

import pytest
from small_past import events_of, past_of, window_of

from jobs.stages.contenders import NothingToLearnError, train_contenders

PARAMS = {"sources": {"popularity": {}, "repeat": {}}, "ranker": {}, "seed": 1}
# Up to the cut nobody has bought anything twice.
EVENTS = events_of(
    [("u1", "a", "2025-03-01"), ("u1", "a", "2025-03-05"), ("u2", "a", "2025-03-01"), ("u2", "b", "2025-03-05")]
)
CUT, LAST = date(2025, 3, 2), date(2025, 3, 5)


def test_a_source_that_cannot_learn_before_the_cut_yet_is_trained_but_not_judged(caplog):
    found = train_contenders(PARAMS, past_of(EVENTS, LAST), [window_of(EVENTS, CUT, 3)])
    assert {each.name: each.judged is not None for each in found.all} == {"popularity": True, "repeat": False}
    assert not found.left_out
    assert "source repeat is not judged tonight" in caplog.text


def test_where_nobody_reached_the_goal_no_source_can_learn():
    looked = EVENTS.assign(n_purchases=0)
    with pytest.raises(NothingToLearnError, match="no source can learn from the history up to 2025-03-05"):
        train_contenders(PARAMS, past_of(looked, LAST), [])
