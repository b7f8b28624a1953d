"""How items' pull changes over time: a Poisson regression on impressions per item and day.

An item's impressions on a day are Poisson with the number that the users of that day let expect, times exp(shift +
trend times months), and in the first weeks the launch curve of all items. Trends have a Gaussian prior whose variance
is learned; the first day of an item has a bin of its own, since it is never without an impression.
"""

from dataclasses import dataclass, replace

import numpy as np

from jobs.models.sources.taste.on_sale import LAUNCH_DAYS, MONTH_DAYS, Floats, OnSale, launch_bin

ROUNDS = 6
"""Of Newton steps for all items, and of the launch curve after each."""

TREND_VARIANCE = 0.05
"""Of a month, before the log has said it."""

SHIFT_VARIANCE = 0.1
"""Levels are fitted already; a shift only makes room for a trend."""

LAUNCH_PRIOR_IMPRESSIONS = 20.0
"""Impressions of new items that an even launch is worth."""


@dataclass(frozen=True)
class DailyImpressions:
    """Per day and item.

    Attributes
    ----------
    seen
        Shape (n_ages, n_items): impressions.
    expected
        Shape (n_ages, n_items): those that users and levels let expect, at an even pull; 0 while not on sale.
    """

    seen: Floats
    expected: Floats


def learn_trend(on_sale: OnSale, daily: DailyImpressions) -> OnSale:
    """The trends and the launch curve under which the impressions are most likely."""
    n_ages, n_items = daily.seen.shape
    months = -np.arange(n_ages)[:, None] / MONTH_DAYS
    shift, variance = np.zeros(n_items), TREND_VARIANCE
    for _ in range(ROUNDS):
        expected = daily.expected * np.exp(on_sale.log_pull(np.arange(n_ages)) + shift)
        rest = daily.seen - expected
        curvature = np.empty((n_items, 2, 2))
        curvature[:, 0, 0] = expected.sum(axis=0) + 1 / SHIFT_VARIANCE
        curvature[:, 0, 1] = curvature[:, 1, 0] = (expected * months).sum(axis=0)
        curvature[:, 1, 1] = (expected * months**2).sum(axis=0) + 1 / variance
        gradient = np.stack([rest.sum(axis=0) - shift / SHIFT_VARIANCE, (rest * months).sum(axis=0)], axis=1)
        gradient[:, 1] -= on_sale.trend / variance
        covariance = np.linalg.inv(curvature)
        step = np.einsum("ikl,il->ik", covariance, gradient).clip(-1, 1)
        shift = shift + step[:, 0]
        on_sale = replace(on_sale, trend=on_sale.trend + step[:, 1])
        variance = float((on_sale.trend**2 + covariance[:, 1, 1]).mean())
        on_sale = replace(on_sale, launch=_launch_curve(on_sale, daily, shift))
    return on_sale


def _launch_curve(on_sale: OnSale, daily: DailyImpressions, shift: Floats) -> Floats:
    age = np.arange(len(daily.seen))
    new = on_sale.is_launch_known
    settled = np.exp(shift[new] - on_sale.trend[new] * (age[:, None] / MONTH_DAYS))
    place = launch_bin(on_sale.first_age[new][None] - age[:, None])
    place = np.where(on_sale.first_age[new][None] < age[:, None], len(LAUNCH_DAYS), place).ravel()
    size = len(LAUNCH_DAYS) + 1
    seen = np.bincount(place, daily.seen[:, new].ravel(), minlength=size)
    expected = np.bincount(place, (daily.expected[:, new] * settled).ravel(), minlength=size)
    return np.log((seen + LAUNCH_PRIOR_IMPRESSIONS) / (expected + LAUNCH_PRIOR_IMPRESSIONS))[:-1]
