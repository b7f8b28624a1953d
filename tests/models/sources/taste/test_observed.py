"""What the taste model counts in a history."""

import pytest
from taste_worlds import past_of

from jobs.models.sources.taste.observed import NO_GOAL, STEPS, find_steps, observe
from jobs.models.sources.taste.on_sale import OnSale

# user, item, days before the cut, (shown, opened, wanted, bought)
EVENTS = [
    ("u1", "i00", 9, (2, 1, 1, 1)),
    ("u1", "i00", 5, (0, 1, 1, 0)),
    ("u1", "i00", 3, (1, 1, 0, 0)),
    ("u1", "i01", 3, (1, 0, 0, 0)),
    ("u1", "i01", 1, (0, 1, 0, 0)),
    ("u2", "i01", 0, (3, 2, 0, 0)),
    ("u2", "i02", 7, (0, 0, 0, -1)),
]


@pytest.fixture
def observed():
    past = past_of(EVENTS)
    return observe(past.history, OnSale.of(past.catalogue), find_steps(past.history))


def test_pairs_are_in_order_with_their_impressions(observed):
    assert observed.user.tolist() == [0, 0, 1, 1]
    assert observed.item.tolist() == [0, 1, 1, 2]
    assert observed.shown.tolist() == [3, 1, 3, 0]
    assert observed.n_shown.tolist() == [4, 3]


def test_opened_without_having_been_shown_is_no_success_of_an_impression(observed):
    opened = observed.steps[STEPS.index("opened")]
    assert opened.tries.tolist() == [3, 1, 3]
    assert opened.hits.tolist() == [2, 0, 2]


def test_each_step_is_tried_as_often_as_the_one_before_was_reached(observed):
    wanted, reached = observed.steps[STEPS.index("wanted")], observed.steps[STEPS.index("reached")]
    assert wanted.tries.tolist() == [3, 1, 2]
    assert wanted.hits.tolist() == [2, 0, 0]
    assert (reached.user.tolist(), reached.tries.tolist(), reached.hits.tolist()) == ([0], [2], [1])


def test_a_missing_step_is_skipped():
    past = past_of(
        [(user, item, age, (shown, 0, wanted, paid)) for user, item, age, (shown, _, wanted, paid) in EVENTS]
    )
    has_step = find_steps(past.history)
    assert has_step.tolist() == [False, True, True]
    observed = observe(past.history, OnSale.of(past.catalogue), has_step)
    assert not len(observed.steps[0].tries)
    assert observed.steps[1].tries.tolist() == [3, 1, 3]


def test_coming_back_counts_after_the_goal_and_unshown_only(observed):
    assert observed.goal_age.tolist() == [9, NO_GOAL, NO_GOAL, NO_GOAL]
    assert observed.n_back.tolist() == [1, 0]
    # u1 came on days 5, 3 and 1 after that of the purchase.
    assert observed.back_days.tolist() == [3, 0]


def test_visits_are_days_of_the_funnel_and_a_refund_is_none(observed):
    assert observed.n_visits.tolist() == [4, 1]
    assert observed.first_visit.tolist() == [9, 0]
    assert observed.last_visit.tolist() == [1, 0]
    assert observed.by_age[0, [0, 1, 3, 5, 9]].tolist() == [0, 0, 2, 0, 2]
