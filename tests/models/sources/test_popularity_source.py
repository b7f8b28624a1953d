import numpy as np
import pytest
from source_worlds import bought, looked, past_of

from jobs.core.errors import ModelError
from jobs.models.sources.context_popularity import ContextPopularity
from jobs.models.sources.item_trend import ItemTrend
from jobs.models.sources.new_items import NewItems
from jobs.models.sources.popularity import Popularity
from jobs.models.sources.trending import Trending


def test_a_day_of_a_user_counts_half_after_a_half_life_and_looking_does_not_count():
    past = past_of([bought("a", "x", 0), bought("b", "x", 10), bought("a", "y", 10), looked("a", "z", 0)])
    scores = Popularity(half_life_days=10).fit(past).score(past.history)
    assert np.allclose(scores, [[1.5 / 2, 0.5 / 2, 0]] * 2)


def test_a_place_with_few_days_is_drawn_to_everybody():
    events = [bought("nl", "x", 0), bought("se", "y", 0), bought("se2", "y", 0), bought("no", "y", 0)]
    places = {"nl": ("NL", ""), "se": ("SE", ""), "se2": ("SE", ""), "no": ("", "")}
    past = past_of(events, places=places)
    scores = ContextPopularity(half_life_days=10, prior_days=1).fit(past).score(past.history)
    overall = np.array([0.25, 0.75])
    assert past.history.users.tolist() == ["nl", "no", "se", "se2"]
    assert np.allclose(scores[0], (np.array([1, 0]) + overall) / 2)
    assert np.allclose(scores[1], overall)
    assert np.allclose(scores[2], (np.array([0, 2]) + overall) / 3)


def test_both_places_multiply_their_lifts_and_a_new_place_has_none():
    events = [bought("a", "x", 0), bought("b", "y", 0)]
    past = past_of(events, places={"a": ("NL", "ios"), "b": ("SE", "ios")})
    source = ContextPopularity(half_life_days=10, prior_days=1).fit(past)
    assert np.allclose(source.score(past.history)[0], [0.75, 0.25])  # ios says what everybody says
    moved = past_of(events, places={"a": ("DK", "web"), "b": ("SE", "web")})
    assert np.allclose(source.score(moved.history), [[0.5, 0.5], [0.25, 0.75]])


def test_trend_is_the_ratio_of_two_rates():
    past = past_of([bought("a", "x", 0), bought("a", "y", 40), bought("b", "y", 0)])
    trend = ItemTrend(half_life_days=10, base_half_life_days=40, power=1.0).of(past.history)
    days = np.arange(41)
    late = np.array([1, 1 + 2.0**-4]) / (2.0 ** (-days / 10)).sum()
    base = np.array([1, 1.5]) / (2.0 ** (-days / 40)).sum()
    prior = 0.1 * base.mean()
    assert np.allclose(trend, (late + prior) / (base + prior))
    root = ItemTrend(half_life_days=10, base_half_life_days=40, power=0.5).of(past.history)
    assert np.allclose(root, np.sqrt(trend))
    assert (ItemTrend(10, 40, 0).of(past.history) == 1).all()


def test_what_is_bought_of_late_trends_before_what_is_bought_always():
    steady = [bought(f"s{age}", "steady", age) for age in range(0, 60, 4)]
    rising = [bought(f"r{age}", "rising", age) for age in range(4)]
    past = past_of(steady + rising + [bought("o", "gone", 300)])
    scores = Trending(half_life_days=5, base_half_life_days=30).fit(past).score(past.history)[0]
    by_item = dict(zip(past.items.tolist(), scores, strict=True))
    assert by_item["rising"] > by_item["steady"]
    assert by_item["gone"] == 0


@pytest.mark.parametrize("days", [20, 300])
def test_what_is_bought_as_always_or_less_does_not_trend_however_young_the_log(days):
    steady = [bought(f"s{age}", "steady", age) for age in range(days)]
    falling = [bought(f"f{age}", "falling", age) for age in range(10, days)]
    past = past_of(steady + falling)
    heat = Trending(half_life_days=5, base_half_life_days=30).fit(past).score(past.history)[0]
    by_item = dict(zip(past.items.tolist(), heat / heat.max(initial=1), strict=True))
    assert by_item["falling"] == 0
    assert by_item["steady"] == pytest.approx(0, abs=1e-6)


def test_new_items_are_ranked_by_their_decayed_days_and_untouched_ones_are_last():
    events = [bought("a", "old", 90), bought("a", "new", 7), bought("b", "newer", 0)]
    past = past_of(events, titles={"never": "nobody has touched it"})
    scores = NewItems(new_days=30, half_life_days=7).fit(past).score(past.history)[0]
    assert past.items.tolist() == ["never", "new", "newer", "old"]
    assert np.allclose(scores, [0.01, 0.51, 1.01, 0])


def test_on_the_first_days_of_an_app_nothing_is_new():
    past = past_of([bought("a", "x", 5), bought("b", "y", 2)])
    with pytest.raises(ModelError, match="no item was first seen within 30 days"):
        NewItems(new_days=30).fit(past)


def test_nobody_reached_the_goal():
    with pytest.raises(ModelError, match="nobody reached the goal up to 2025-06-30"):
        Popularity().fit(past_of([looked("a", "x", 1)]))
