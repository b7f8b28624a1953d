import numpy as np
import pytest

from jobs.evaluation.choice import best_single, choose_challenger
from jobs.evaluation.comparison import Resampling

HOW = Resampling(0.95, 500, 7)
RNG = np.random.default_rng(1)
EASE = RNG.random(800)
ALS, POPULARITY = EASE * 0.6, EASE * 0.2


def choose(two_stage, **singles):
    models = {"als": ALS, "popularity": POPULARITY, **singles}
    if two_stage is not None:
        models["two_stage"] = two_stage
    return choose_challenger("two_stage", models, "ndcg_at_10", 0.02, HOW)


def test_two_stages_that_are_better_are_chosen():
    found = choose(EASE * 0.7)
    assert (found.name, found.best_single) == ("two_stage", "als")
    assert found.paired.relative == pytest.approx(0.7 / 0.6 - 1)
    assert found.reason.startswith("two_stage is served: ndcg_at_10 of two_stage is 0.3")
    assert "+16.67% (+16.67% to +16.67%)" in found.reason


def test_a_careless_second_stage_gives_way_to_the_best_source():
    found = choose(EASE * 0.5)
    assert found.name == "als"
    assert found.reason.startswith("als is served")


def test_a_second_stage_that_loses_less_than_the_margin_for_certain_stays():
    assert choose(ALS * 0.99).name == "two_stage"


def test_where_nobody_can_tell_the_better_mean_is_served():
    noise = np.random.default_rng(2).normal(0, 0.3, 800)
    noise -= noise.mean()
    assert choose(ALS + noise + 0.001).name == "two_stage"
    assert choose(ALS + noise - 0.005).name == "als"


def test_without_two_stages_or_without_sources_the_rest_is_chosen():
    assert choose(None).name == "als"
    assert "two_stage was not trained" in choose(None).reason
    alone = choose_challenger("two_stage", {"two_stage": ALS}, "ndcg_at_10", 0.02, HOW)
    assert (alone.name, alone.best_single, alone.paired) == ("two_stage", None, None)
    with pytest.raises(ValueError, match="none was judged"):
        choose_challenger("two_stage", {}, "ndcg_at_10", 0.02, HOW)


def test_equal_sources_go_by_name():
    assert best_single({"b": ALS, "a": ALS, "c": POPULARITY}) == "a"
