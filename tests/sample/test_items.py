import numpy as np

from jobs.sample.arrays import NEVER
from jobs.sample.items import Items, compute_appeal, draw_items


def test_appeal_rises_decays_and_ends():
    item = Items(
        category=np.array([0]),
        vector=np.zeros((1, 8)),
        price=np.array([9.99]),
        popularity=np.array([2.0]),
        launch_day=np.array([10]),
        retire_day=np.array([200]),
        decay_days=np.array([60.0]),
    )
    appeal = {day: compute_appeal(item, day)[0] for day in (9, 10, 25, 199, 200)}
    assert appeal[9] == appeal[200] == 0.0
    assert 0.0 < appeal[10] < appeal[25] < 2.0
    assert 0.0 < appeal[199] < appeal[25]


def test_something_is_always_on_sale():
    items = draw_items(1, seed=3)
    assert items.retire_day.tolist() == [NEVER]
    assert all(compute_appeal(items, day)[0] > 0 for day in (0, 100, 1000))


def test_items_are_at_least_a_coin_and_launch_before_they_retire():
    items = draw_items(500, seed=3)
    assert items.price.min() >= 1.99
    assert (items.launch_day < items.retire_day).all()
