"""Best hours: own where there is much, the group's where there is little."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_worlds import PROFILES, habits_of, names, visits_at

from jobs.models.profiles.send_time import build_send_times
from jobs.models.profiles.shrinkage import choose_weight, group_means, shrink

SETTINGS = PROFILES.send_time


def best(habits: pd.DataFrame, group: np.ndarray | None = None, **changes: object) -> pd.DataFrame:
    n = len(habits)
    label = np.full(n, -1) if group is None else group
    asked = SETTINGS.model_copy(update=changes)
    return build_send_times(names(n), habits, label, int(label.max()) + 1, asked, "Asia/Tokyo")


def apart(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    ahead = np.abs(left - right) % 24
    return np.minimum(ahead, 24 - ahead)


def test_planted_hours_are_found_round_the_clock() -> None:
    planted = np.random.default_rng(7).uniform(0, 24, 300)
    found = best(habits_of(visits_at(planted, 40)))

    assert (apart(found["hour"].to_numpy() + 0.5, planted) <= 1).mean() > 0.9
    assert (found["expected_gain"] > 0.5).all()
    assert set(found["based_on"]) == {"own"}
    assert set(found["time_zone"]) == {"Asia/Tokyo"}


def test_users_with_few_visits_get_the_hour_of_their_group() -> None:
    visits = visits_at(np.repeat([8.0, 20.0], 100), 40)
    visits[[0, 150]] = 0
    visits[0, 3] = 1
    group = np.repeat([0, 1], 100)
    found = best(habits_of(visits), group)

    assert apart(found["hour"].to_numpy()[[0, 150]] + 0.5, np.array([8.0, 20.0])).max() <= 1
    assert found["based_on"][[0, 150]].tolist() == ["segment", "segment"]
    assert best(habits_of(visits))["based_on"][150] == "everybody"


def test_opened_messages_outweigh_visits_where_there_are_many() -> None:
    visits = visits_at(np.full(50, 20.0), 40)
    sent, opened = np.full((50, 24), 0), np.zeros((50, 24), dtype=int)
    sent[:, [8, 20]] = 60
    opened[:, 8] = 50
    habits = habits_of(visits, sent_hours=sent.tolist(), opened_hours=opened.tolist())

    assert set(best(habits)["hour"]) <= {7, 8, 9}
    assert best(habits)["n_opened"].tolist() == [50] * 50


def test_the_busy_weekday_is_taken_and_quiet_hours_are_not() -> None:
    habits = habits_of(visits_at(np.full(60, 23.5), 40), weekdays=[[2, 2, 2, 2, 2, 20, 2]] * 60)
    found = best(habits, quiet_hours=(23, 0, 1, 2, 3, 4, 5, 6))

    assert set(found["weekday"]) == {5}
    assert set(found["hour"]) == {22}


def test_without_any_visit_there_is_still_an_hour() -> None:
    found = best(habits_of(np.zeros((3, 24)), time_zone="Europe/Paris"))
    assert found["expected_gain"].tolist() == [0.0] * 3
    assert found["based_on"].tolist() == ["everybody"] * 3
    assert set(found["time_zone"]) == {"Europe/Paris"}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=24, max_size=24), min_size=1, max_size=6))
def test_the_best_hour_is_no_worse_than_a_random_one(counts: list[list[int]]) -> None:
    found = best(habits_of(np.array(counts)))
    assert (found["expected_gain"] >= 0).all()
    assert found["hour"].between(0, 23).all()
    assert found["weekday"].between(0, 6).all()


def test_the_weight_of_the_prior_follows_how_alike_users_are() -> None:
    rng = np.random.default_rng(7)
    alike = rng.multinomial(30, [0.25] * 4, 400).astype(float)
    own = np.stack([rng.multinomial(30, rng.dirichlet([0.5] * 4)) for _ in range(400)]).astype(float)
    prior = np.full((400, 4), 0.25)

    assert choose_weight(alike, prior) > 50
    assert 1 < choose_weight(own, prior) < 4
    np.testing.assert_allclose(shrink(own, prior, 2.0).sum(axis=1), 1.0)


def test_a_group_without_users_is_like_everybody() -> None:
    everybody, means = group_means(np.array([[3.0, 1.0]]), np.array([0]), 2)
    np.testing.assert_allclose(means[1], everybody)
