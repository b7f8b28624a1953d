"""The formulas of behaviour. The simulation draws from them, and the truth is computed from them."""

from datetime import date

import numpy as np

from jobs.sample.arrays import USERS_AT_ONCE, Floats
from jobs.sample.items import Items, compute_appeal
from jobs.sample.users import TASTE_DIMENSIONS, Users

WEEKDAY_FACTORS = (0.92, 0.94, 0.96, 0.98, 1.02, 1.14, 1.16)
"""Sessions relative to an average day, Monday first; people have more time on weekends."""

EXPOSURE_PULL = 1.2
"""How strongly taste decides what a user comes across; 0 would show everybody the same."""

CLICK_BIAS, CLICK_PULL = -1.0, 0.5
CART_BIAS, CART_PULL = -1.7, 0.8
"""About 27 % of what is shown is opened and 15 % of that carted at a neutral match (logits)."""

TYPICAL_PRICE = 35.0
"""EUR at which the price neither helps nor hurts."""

ORDINARY_FIT = 0.7
"""Mean of the fit over users: half the variance of ``EXPOSURE_PULL`` times a standard normal match."""

LEAVE_RANGE = (0.0005, 0.2)
"""Daily leaving probabilities stay within this, so that nobody is certain to stay or to go."""


def weekday_factor(day: date) -> float:
    """Sessions on this weekday relative to an average day."""
    return WEEKDAY_FACTORS[day.weekday()]


def taste_match(users: Users, items: Items) -> Floats:
    """Match of every user's taste with every item, (n_users, n_items), about standard normal."""
    match: Floats = users.taste @ items.vector.T / np.sqrt(TASTE_DIMENSIONS)
    return match


def exposure_shares(match: Floats, appeal: Floats) -> Floats:
    """Chance that one slot of a session shows each item.

    Parameters
    ----------
    match
        (n_users, n_items)
    appeal
        (n_items,) of the day; at least one above 0.

    Returns
    -------
    Floats
        (n_users, n_items), rows add up to 1, 0 where the item is not on sale.
    """
    weights = np.exp(EXPOSURE_PULL * match) * appeal
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def click_probability(match: Floats) -> Floats:
    """Chance that a shown item is opened; any shape."""
    return _sigmoid(CLICK_BIAS + CLICK_PULL * match)


def cart_probability(match: Floats, thrift: Floats, price: Floats) -> Floats:
    """Chance that an opened item goes into the cart; the three arguments broadcast."""
    return _sigmoid(CART_BIAS + CART_PULL * match - thrift * np.log(price / TYPICAL_PRICE))


def catalogue_fits(users: Users, items: Items, days: range) -> Floats:
    """How well each day's catalogue suits each user: log of the mean pull, weighted by appeal.

    Every day is a product of its own: one product over all days would round differently with their number.

    Returns
    -------
    Floats
        (n_users, len(days)), about ``ORDINARY_FIT`` on average, six decimals.
    """
    appeals = [appeal / appeal.sum() for appeal in (compute_appeal(items, day) for day in days)]
    blocks = [
        _fit_block(users.take(slice(first, first + USERS_AT_ONCE)), items, appeals)
        for first in range(0, len(users), USERS_AT_ONCE)
    ]
    return np.concatenate(blocks)


def leave_probability(users: Users, fit: Floats) -> Floats:
    """Chance of leaving on each day, (n_users, n_days) like ``fit``: less the better the catalogue suits."""
    usual = users.habit("leave_daily")[:, None]
    hazard: Floats = usual * np.exp(ORDINARY_FIT - fit)
    return hazard.clip(*LEAVE_RANGE)


def _fit_block(users: Users, items: Items, appeals: list[Floats]) -> Floats:
    pull = np.exp(EXPOSURE_PULL * taste_match(users, items))
    mean_pull: Floats = np.stack([pull @ appeal for appeal in appeals], axis=1)
    return np.log(mean_pull).round(6)


def _sigmoid(logits: Floats) -> Floats:
    probability: Floats = 1.0 / (1.0 + np.exp(-logits))
    return probability
