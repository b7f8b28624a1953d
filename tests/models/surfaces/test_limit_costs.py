import numpy as np
from surface_worlds import World, app

from jobs.models.surfaces.limit_costs import PROBES, measure_limits


def test_each_limit_is_judged_alone_against_none() -> None:
    world = World(3)
    asked = []

    def judge(lists: np.ndarray) -> float:
        asked.append(lists.copy())
        return (lists >= 0).sum(axis=1).astype(float)

    settings = app(lake_items=9, max_per_category=3, diversity=0.2)
    found = measure_limits(world.candidates, world.given(), settings, judge, lambda values, base: (-1.0, 1.0))
    assert found[0].limit == "none"
    assert [(row.limit, row.setting) for row in found[1:]] == [
        ("max_per_category", "3"),
        ("diversity", "0.2"),
        *((limit, str(setting)) for limit, setting in PROBES),
    ]
    assert all(row.difference == row.value - found[0].value for row in found)
    one = next(row for row in found if (row.limit, row.setting) == ("max_per_category", "1"))
    assert one.difference < 0
    assert len({lists.tobytes() for lists in asked}) > len(PROBES) / 2


def test_discover_has_nothing_that_was_had_to_leave_out() -> None:
    world = World(4)
    found = measure_limits(
        world.candidates,
        world.given(),
        app(),
        lambda lists: np.zeros(len(lists)),
        lambda values, base: (0.0, 0.0),
        "discover",
    )
    assert "exclude_had" not in {row.limit for row in found}
