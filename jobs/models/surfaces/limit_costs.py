"""What each limit on lists costs: the same candidates with no limit, and with one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.core.config import Settings
from jobs.models.candidates import Candidates
from jobs.models.surfaces.anchors import Anchors
from jobs.models.surfaces.given import SurfaceInput
from jobs.models.surfaces.user_lists import UserLists

Judge = Callable[[npt.NDArray[np.int32]], npt.NDArray[np.float64]]
"""A metric of each user, such as nDCG@10, of lists, shape (n_users, lists.lake_items): positions of items, -1 where
one ends."""

Interval = Callable[[npt.NDArray[np.float64], npt.NDArray[np.float64]], tuple[float, float]]
"""Interval of the mean difference of two metrics of the same users."""

OFF: dict[str, Any] = {
    "blocked": (),
    "max_per_category": None,
    "new_items": {"at_least": 0.0, "at_most": 1.0},
    "diversity": 0.0,
}
"""Settings of `lists` under which the best items by score are the list; what was had stays as the app says."""

PROBES: tuple[tuple[str, Any], ...] = (
    ("exclude_had", True),
    ("max_per_category", 1),
    ("max_per_category", 2),
    ("max_per_category", 5),
    ("new_items.at_least", 0.1),
    ("new_items.at_least", 0.3),
    ("new_items.at_most", 0.1),
    ("diversity", 0.1),
    ("diversity", 0.3),
    ("diversity", 0.5),
)
"""Limits to try where an app's settings name none: a light, a middle and a strong one."""


@dataclass(frozen=True)
class LimitCost:
    """What one limit alone does to a surface.

    Attributes
    ----------
    limit, setting
        Key below `lists`, and its value; ``none`` for the lists without limits.
    value
        The metric of the lists with it.
    difference
        To the lists without limits; below 0 is a cost.
    low, high
        Interval of the difference, over users drawn again and again.
    """

    limit: str
    setting: str
    value: float
    difference: float
    low: float = 0.0
    high: float = 0.0


def measure_limits(
    candidates: Candidates,
    given: SurfaceInput,
    settings: Settings,
    judge: Judge,
    interval: Interval,
    surface: str = "for_you",
) -> list[LimitCost]:
    """Judge a surface's lists without limits, with each of the app's own limits alone, and with each of `PROBES`.

    Parameters
    ----------
    candidates, given
        Of the users that are judged; all in one batch.
    settings
        Of the app.
    judge, interval
        The metric, and the interval of a difference.
    surface
        Whose lists.
    """
    without = _with(settings, {})
    base = judge(_lists(candidates, given, without, surface))
    found = [LimitCost("none", "", float(base.mean()), 0.0)]
    for limit, setting in dict.fromkeys((*_own(settings), *PROBES)):
        if not _can_bite(limit, surface, given):
            continue
        values = judge(_lists(candidates, given, _with(settings, _override(limit, setting, surface)), surface))
        mean = float(values.mean())
        found.append(LimitCost(limit, str(setting), mean, mean - found[0].value, *interval(values, base)))
    return found


def _can_bite(limit: str, surface: str, given: SurfaceInput) -> bool:
    """Whether a limit could change a list: nothing had is discovered, and without categories none is full."""
    if limit == "max_per_category":
        return bool((given.catalogue.category != "").any())
    return (limit, surface) != ("exclude_had", "discover")


def _lists(candidates: Candidates, given: SurfaceInput, settings: Settings, surface: str) -> npt.NDArray[np.int32]:
    return UserLists(candidates, given, settings, Anchors(None)).of(surface).items


def _own(settings: Settings) -> list[tuple[str, Any]]:
    """The app's limits that are on."""
    lists = settings.lists
    own = (
        ("blocked", lists.blocked, ()),
        ("max_per_category", lists.max_per_category, None),
        ("new_items.at_least", lists.new_items.at_least, 0),
        ("new_items.at_most", lists.new_items.at_most, 1),
        ("diversity", lists.diversity, 0),
    )
    return [(limit, setting) for limit, setting, off in own if setting != off]


def _override(limit: str, setting: Any, surface: str) -> dict[str, Any]:
    """Values of `lists` that turn one limit on."""
    if limit == "exclude_had":
        return {"exclude_had": {surface: setting}}
    section, _, key = limit.partition(".")
    return {section: {key: setting}} if key else {section: setting}


def _with(settings: Settings, override: dict[str, Any]) -> Settings:
    """The app's settings with all limits off but those given."""
    lists = settings.lists.model_dump()
    for key, value in {**OFF, **override}.items():
        lists[key] = {**lists[key], **OFF.get(key, {}), **value} if isinstance(value, dict) else value
    changed = type(settings.lists).model_validate(lists)
    return settings.model_copy(update={"lists": changed})
