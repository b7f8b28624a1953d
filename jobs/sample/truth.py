"""What was really going on, as exact functions of the population: never read by the pipeline, only by tests.

All probabilities are those of the simulation itself, given what had happened up to the end of the cut day.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.sample.arrays import USERS_AT_ONCE, Bools, Floats, Ints
from jobs.sample.items import compute_appeal
from jobs.sample.leaving import UNINSTALL_SHARE
from jobs.sample.propensity import (
    cart_probability,
    catalogue_fits,
    click_probability,
    exposure_shares,
    leave_probability,
    taste_match,
    weekday_factor,
)
from jobs.sample.sessions import ANONYMOUS_SHARE, SIGN_IN_SHARE
from jobs.sample.users import Users
from jobs.sample.world import World


@dataclass(frozen=True)
class Truth:
    """A simulated world and what became of it.

    Attributes
    ----------
    world
        Parameters, users and items.
    left_day
        (n_users,) first day index without the user; ``NEVER`` if they stayed to the end of the log.
    bought_user, bought_item, bought_day
        (n_purchases,) positions and day index of every purchase.
    """

    world: World
    left_day: Ints
    bought_user: Ints
    bought_item: Ints
    bought_day: Ints


def leaving_probabilities(truth: Truth, cut_day: int, horizon_days: int) -> Floats:
    """Probability that a user is silent on all days ``cut_day < day <= cut_day + horizon_days``.

    Silent means: no session in which the user is known. A silent user is one who left, or who stayed
    away by chance.

    Parameters
    ----------
    truth
        Of a log that reaches ``cut_day``.
    cut_day
        Last day index that counts as known.
    horizon_days
        Length of the window, at least 1. It may reach beyond the log.

    Returns
    -------
    Floats
        (n_users,); 1 for users who had left, NaN for those who had not joined by the cut.
    """
    users, window = truth.world.users, _window(cut_day, horizon_days)
    rate = _session_rates(truth.world, users, window) * (1.0 - ANONYMOUS_SHARE)
    hazard = leave_probability(users, catalogue_fits(users, truth.world.items, window))
    untouched, silent = np.ones(len(users)), np.zeros(len(users))
    for step in range(horizon_days):
        silent += untouched * hazard[:, step]
        untouched *= (1.0 - hazard[:, step]) * np.exp(-rate[:, step])
    silent = np.where(truth.left_day <= cut_day, 1.0, silent + untouched)
    return np.where(users.joined_day <= cut_day, silent, np.nan)


def churn_probabilities(truth: Truth, cut_day: int, horizon_days: int) -> Floats:
    """Probability of the label of churn: silent as in `leaving_probabilities`, or an uninstall after a visit.

    Parameters and shape are those of `leaving_probabilities`.
    """
    users, window = truth.world.users, _window(cut_day, horizon_days)
    rate = _session_rates(truth.world, users, window) * (1.0 - ANONYMOUS_SHARE)
    hazard = leave_probability(users, catalogue_fits(users, truth.world.items, window))
    member, untouched, seen_leaving = np.ones(len(users)), np.ones(len(users)), np.zeros(len(users))
    for step in range(horizon_days):
        seen_leaving += (member - untouched) * hazard[:, step]
        member *= 1.0 - hazard[:, step]
        untouched *= (1.0 - hazard[:, step]) * np.exp(-rate[:, step])
    says_so = np.where(truth.left_day <= cut_day, 0.0, UNINSTALL_SHARE * seen_leaving)
    return leaving_probabilities(truth, cut_day, horizon_days) + says_so


def purchase_probabilities(truth: Truth, cut_day: int, horizon_days: int) -> NDArray[np.float32]:
    """Probability that a user buys an item on any day ``cut_day < day <= cut_day + horizon_days``.

    Parameters
    ----------
    truth
        Of a log that reaches ``cut_day``.
    cut_day
        Last day index that counts as known.
    horizon_days
        Length of the window, at least 1. It may reach beyond the log.

    Returns
    -------
    NDArray[np.float32]
        (n_users, n_items); 0 for users who had left or not joined by the cut.
    """
    n_users = len(truth.world.users)
    result = np.zeros((n_users, len(truth.world.items)), dtype=np.float32)
    window, bought = _window(cut_day, horizon_days), _bought_by(truth, cut_day)
    member = (truth.world.users.joined_day <= cut_day) & (truth.left_day > cut_day)
    for block in _blocks(n_users):
        result[block] = _buy_within(truth.world, truth.world.users.take(block), window, bought[block])
    result[~member] = 0.0
    return result


def _window(cut_day: int, horizon_days: int) -> range:
    if horizon_days < 1:
        raise ValueError(f"horizon_days is {horizon_days}; give a number of days from 1")
    return range(cut_day + 1, cut_day + 1 + horizon_days)


def _blocks(n_users: int) -> Iterator[slice]:
    return (slice(first, min(first + USERS_AT_ONCE, n_users)) for first in range(0, n_users, USERS_AT_ONCE))


def _bought_by(truth: Truth, cut_day: int) -> Bools:
    bought = np.zeros((len(truth.world.users), len(truth.world.items)), dtype=np.bool_)
    past = truth.bought_day <= cut_day
    bought[truth.bought_user[past], truth.bought_item[past]] = True
    return bought


def _session_rates(world: World, users: Users, window: range) -> Floats:
    factors = np.array([weekday_factor(world.parameters.date_of(day)) for day in window])
    rates: Floats = users.session_rate[:, None] * factors
    return rates


def _buy_within(world: World, users: Users, window: range, bought: Bools) -> Floats:
    """Sum over the day of the first purchase: sessions with a sale are a thinned Poisson process."""
    match = taste_match(users, world.items)
    carted = cart_probability(match, users.habit("thrift")[:, None], world.items.price)
    paid = carted * users.habit("pay")[:, None]
    further = users.habit("slots")[:, None] * click_probability(match) * paid
    back = users.habit("repeat")[:, None] * paid * bought
    rates = _session_rates(world, users, window)
    stays = 1.0 - leave_probability(users, catalogue_fits(users, world.items, window))
    untouched, buys = np.ones(match.shape), np.zeros(match.shape)
    for step, day in enumerate(window):
        appeal = compute_appeal(world.items, day)
        share = exposure_shares(match, appeal)
        sale = _selling_session(share * paid, share * further, back * (appeal > 0))
        without = np.exp(-rates[:, [step]] * sale)
        untouched *= stays[:, [step]]
        buys += untouched * (1.0 - without)
        untouched *= without
    return buys


def _selling_session(first: Floats, further: Floats, back: Floats) -> Floats:
    """Chance that a session sells the item at least once; all arguments (n_users, n_items).

    ``first`` is the chance that the first slot sells it, ``further`` the expected sales of the Poisson
    number of other slots, ``back`` the chance that going back to it sells it. A session that signs in
    only after its first slot cannot sell there, and an anonymous one never sells.
    """
    unsold_later = np.exp(-further) * (1.0 - back)
    signed_in = 1.0 - ANONYMOUS_SHARE - SIGN_IN_SHARE
    sale: Floats = signed_in * (1.0 - (1.0 - first) * unsold_later) + SIGN_IN_SHARE * (1.0 - unsold_later)
    return sale
