"""The items of the sample: category, taste vector, price and life cycle."""

from dataclasses import dataclass

import numpy as np

from jobs.sample.arrays import NEVER, Floats, Ints
from jobs.sample.streams import Purpose, open_stream
from jobs.sample.users import TASTE_DIMENSIONS

CATEGORIES = (
    "shoes", "jackets", "kitchen", "books", "games", "garden",
    "audio", "toys", "beauty", "sports", "lamps", "bags",
)  # fmt: skip
CATEGORY_PRICES = (60.0, 90.0, 25.0, 14.0, 35.0, 30.0, 80.0, 20.0, 18.0, 40.0, 45.0, 55.0)
"""Median price in EUR, in the order of ``CATEGORIES``."""

CATEGORY_PULL = 0.7
"""Weight of a category's common vector; the rest is the item's own."""

EVERGREEN = 0.4
"""Share of items that never retire, so that there is history to learn from on any day."""

LAUNCHED_BEFORE = 0.8
LAUNCH_MEAN_DAYS = 45.0
LIFETIME_DAYS = (60, 300)
RISE_DAYS = 5.0
"""A new item reaches about 63 % of its appeal after this many days."""


@dataclass(frozen=True)
class Items:
    """All items, one position each.

    Attributes
    ----------
    category
        (n_items,) index into ``CATEGORIES``.
    vector
        (n_items, TASTE_DIMENSIONS) about standard normal, six decimals.
    price
        (n_items,) EUR, two decimals, fixed for the item's life.
    popularity
        (n_items,) appeal at its best, log-normal.
    launch_day
        (n_items,) first day index on which it is shown; negative before the log.
    retire_day
        (n_items,) first day index on which it is gone; ``NEVER`` if it stays.
    decay_days
        (n_items,) days in which its appeal falls to 37 %.
    """

    category: Ints
    vector: Floats
    price: Floats
    popularity: Floats
    launch_day: Ints
    retire_day: Ints
    decay_days: Floats

    def __len__(self) -> int:
        return len(self.category)


def name_item(position: int) -> str:
    """Id of the item at a position, as the log has it."""
    return f"i{position + 1:05d}"


def draw_items(count: int, seed: int) -> Items:
    """Draw ``count`` items. The first is always on sale, so that every session has something to show."""
    rng = open_stream(seed, Purpose.ITEMS)
    category = rng.integers(0, len(CATEGORIES), count)
    launch_day, retire_day = _draw_life(count, rng)
    return Items(
        category=category,
        vector=_draw_vectors(category, rng),
        price=_draw_prices(category, rng),
        popularity=np.round(rng.lognormal(0.0, 0.9, count), 6),
        launch_day=launch_day,
        retire_day=retire_day,
        decay_days=np.round(rng.uniform(60.0, 400.0, count), 2),
    )


def compute_appeal(items: Items, day: int) -> Floats:
    """Appeal of every item on one day: popularity, risen since launch and decayed with age.

    Returns
    -------
    Floats
        (n_items,), 0 for items that are not on sale on ``day``.
    """
    age = np.maximum(day - items.launch_day, 0)
    life = (1.0 - np.exp(-(age + 1) / RISE_DAYS)) * np.exp(-age / items.decay_days)
    on_sale = (items.launch_day <= day) & (day < items.retire_day)
    appeal: Floats = np.where(on_sale, items.popularity * life, 0.0)
    return appeal


def _draw_vectors(category: Ints, rng: np.random.Generator) -> Floats:
    centres = rng.standard_normal((len(CATEGORIES), TASTE_DIMENSIONS))
    own = rng.standard_normal((len(category), TASTE_DIMENSIONS))
    vectors: Floats = np.round(CATEGORY_PULL * centres[category] + np.sqrt(1 - CATEGORY_PULL**2) * own, 6)
    return vectors


def _draw_prices(category: Ints, rng: np.random.Generator) -> Floats:
    raw = np.array(CATEGORY_PRICES)[category] * rng.lognormal(0.0, 0.5, len(category))
    prices: Floats = np.round(np.maximum(np.floor(raw), 1.0) + 0.99, 2)
    return prices


def _draw_life(count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    lifetime = rng.integers(LIFETIME_DAYS[0], LIFETIME_DAYS[1] + 1, count)
    past = -np.floor(lifetime * rng.random(count)).astype(np.int64)
    future = rng.geometric(1.0 / LAUNCH_MEAN_DAYS, count) - 1
    launch = np.where(rng.random(count) < LAUNCHED_BEFORE, past, future)
    retire = np.where(rng.random(count) < EVERGREEN, NEVER, launch + lifetime)
    launch[0], retire[0] = past[0], NEVER
    return launch, retire
