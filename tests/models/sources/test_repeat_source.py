import numpy as np
import pytest
from source_worlds import bought, past_of

from jobs.core.errors import ModelError
from jobs.models.sources.rebuys import PairGaps, mean_gaps, rebuy_share
from jobs.models.sources.repeat import Repeat

EVER = 1e9


@pytest.fixture
def past():
    """Milk is bought every ten days, a lamp once by each."""
    events = [bought("a", "milk", age) for age in (30, 20, 10)]
    events += [bought("b", "milk", age) for age in (12, 2)]
    events += [bought("a", "lamp", 10), bought("b", "lamp", 2), bought("c", "lamp", 60)]
    return past_of(events)


def test_pairs_tell_days_span_and_time_since(past):
    pairs = PairGaps.of(past.history)
    assert [past.items[item] for item in pairs.item] == ["lamp", "milk", "lamp", "milk", "lamp"]
    assert pairs.n_days.tolist() == [1, 3, 1, 2, 1]
    assert pairs.span.tolist() == [0, 20, 0, 10, 0]
    assert pairs.since.tolist() == [10, 10, 2, 2, 60]


def test_share_of_users_who_came_back_is_drawn_to_that_of_all(past):
    pairs = PairGaps.of(past.history)
    assert np.allclose(rebuy_share(pairs, 2, prior=5), [(0 + 5 * 0.4) / (3 + 5), (2 + 5 * 0.4) / (2 + 5)])


def test_mean_gaps_are_drawn_to_the_overall_mean(past):
    pairs = PairGaps.of(past.history)
    assert np.allclose(mean_gaps(pairs.item, 2, pairs, overall=40, prior=1), [40, (30 + 40) / (3 + 1)])


def test_score_is_own_decayed_days_times_share_times_due(past):
    source = Repeat(half_life_days=10, rebuy_prior=5, due_width=1.0, trend_power=0.0).fit(past)
    scores = source.score(past.history)
    own = 0.5 + 0.25 + 0.125
    due = np.exp(-(np.log((10 + 15) / (10 + 15)) ** 2) / 2)  # all gaps are of ten days
    assert scores[0, 1] == pytest.approx(own * (4 / 7) * due, rel=1e-5)
    late = np.exp(-(np.log((60 + 15) / (10 + 15)) ** 2) / 2)
    assert scores[2, 0] == pytest.approx(2.0**-6 * (2 / 8) * late, rel=1e-5)
    assert scores[2, 1] == 0


def test_without_a_due_factor_habit_decides(past):
    source = Repeat(half_life_days=EVER, rebuy_prior=5, due_width=0.0, trend_power=0.0).fit(past)
    assert source.score(past.history)[1, 1] == pytest.approx(2 * 4 / 7)


def test_where_nobody_came_back_nothing_is_learned():
    with pytest.raises(ModelError, match="nobody had an item on two days"):
        Repeat().fit(past_of([bought("a", "x", 3), bought("b", "x", 2)]))
