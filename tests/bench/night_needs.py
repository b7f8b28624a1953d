"""What larger apps need: a plan of apps, machines, hours and memory, worked out from measured nights.

Stages that stay in one process bound how many users one app may have. More people are divided into several apps, by
country for instance: each has a lake, models, a store and machines of its own, and they run side by side.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.bench.night_growth import Growth, Speed, growths

ASKED = (1_000_000, 10_000_000, 100_000_000)

CORES, GIB, HOURS = 16, 64, 4
"""Of one machine, and of a night: `schedule.alert_after_minutes`."""

ROOM = 0.8
"""Of a machine's memory that a stage may take by the line: the rest is for the system and for what a line through two
nights does not tell."""

SPREAD = ("ingest_events", "clean_events", "build_features", "recommend", "score_users", "publish")
"""Stages that Spark's workers share where the engines are `spark` and the store is Redis."""


@dataclass(frozen=True)
class App:
    """One of the apps into which people are divided, on machines that only its night uses.

    Attributes
    ----------
    users
        Its.
    machines
        Of `CORES` cores and `GIB`. The driver is on the first: while it works in one process, workers wait.
    seconds
        By stage.
    gib
        By stage: of a machine.
    """

    users: int
    machines: int
    seconds: Mapping[str, float]
    gib: Mapping[str, float]

    @property
    def hours(self) -> float:
        """Of its whole night, a stage after the other."""
        return sum(self.seconds.values()) / 3600

    @property
    def alone_hours(self) -> float:
        """Of them, stages that stay in one process."""
        return sum(seconds for stage, seconds in self.seconds.items() if stage not in SPREAD) / 3600

    @property
    def fits(self) -> bool:
        """Into the machine's memory and into the night."""
        return max(self.gib.values()) <= ROOM * GIB and self.hours <= HOURS

    @property
    def limit(self) -> tuple[str, str]:
        """What more users would meet first, `memory` or `time`, and the stage that takes most of it."""
        largest = max(self.gib, key=lambda stage: self.gib[stage])
        if self.gib[largest] / (ROOM * GIB) >= self.hours / HOURS:
            return "memory", largest
        return "time", max(self.seconds, key=lambda stage: self.seconds[stage])


@dataclass(frozen=True)
class Plan:
    """What so many users need.

    Attributes
    ----------
    users
        In all.
    apps
        Into how many they are divided.
    app
        The largest of them.
    redis_gib
        Memory of the online stores of all apps; None where it was not measured.
    """

    users: int
    apps: int
    app: App
    redis_gib: float | None

    @property
    def machines(self) -> int:
        """Of all apps, drivers counted."""
        return self.apps * self.app.machines


def plan_of(results: Mapping[str, Any], users: int) -> Plan | None:
    """The fewest machines, and among as few the fewest apps, since models learn from all users of theirs.

    None where even an app of one user does not fit.
    """
    found, speed = growths(results), Speed.of(results)
    if not _app(found, speed, 1, 1).fits:
        return None
    most = next(apps for apps in count(1) if _app(found, speed, math.ceil(users / apps), 1).fits)
    choices = (
        (apps, _app(found, speed, math.ceil(users / apps), machines))
        for apps in range(1, most + 1)
        for machines in range(1, most // apps + 1)
    )
    apps, app = min(
        ((apps, app) for apps, app in choices if app.fits), key=lambda plan: (plan[0] * plan[1].machines, plan[0])
    )
    return Plan(users, apps, app, _redis_gib(results, users))


def _app(found: Mapping[str, Growth], speed: Speed, users: int, machines: int) -> App:
    times = speed.times(machines * CORES)
    return App(
        users,
        machines,
        {stage: growth.seconds_at(users, times if stage in SPREAD else 1.0) for stage, growth in found.items()},
        {stage: growth.gib_at(users, machines if stage in SPREAD else 1) for stage, growth in found.items()},
    )


def _redis_gib(results: Mapping[str, Any], users: int) -> float | None:
    each = results.get("night_redis_bytes_per_user")
    return None if each is None else each * users / 2**30
