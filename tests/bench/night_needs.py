"""What larger apps need, worked out from measured nights: machines, hours, memory, and the settings to turn.

Each stage is taken to cost a fixed part and a part for each user, which two measured scales tell. What is beyond the
largest of them is an extrapolation, and the page says so.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.bench.night_whole import STAGES_OF_NIGHT

SCALES = ("10k", "100k", "1m")
ASKED = (1_000_000, 10_000_000, 100_000_000)

MEASURED_CORES = 2
CORES, GIB, HOURS = 16, 64, 4
"""Of one machine of a cluster, and of a night: `schedule.alert_after_minutes`."""

SPREAD = ("ingest_events", "clean_events", "build_features", "recommend", "score_users", "publish")
"""Stages that Spark's workers share where the engines are `spark` and the store is Redis."""


@dataclass(frozen=True)
class Growth:
    """One stage: seconds on two cores and GiB of one process, as a fixed part and a part for a million users."""

    seconds: float
    seconds_per_million: float
    gib: float
    gib_per_million: float

    @classmethod
    def between(cls, small: tuple[float, float, float], large: tuple[float, float, float]) -> "Growth":
        """Through two points: users, seconds, GiB. What falls with users is taken as fixed."""
        millions = (large[0] - small[0]) / 1e6
        seconds = max(0.0, (large[1] - small[1]) / millions)
        gib = max(0.0, (large[2] - small[2]) / millions)
        at = large[0] / 1e6
        return cls(large[1] - seconds * at, seconds, large[2] - gib * at, gib)

    def seconds_at(self, users: int) -> float:
        """Of so many users."""
        return self.seconds + self.seconds_per_million * users / 1e6

    def gib_at(self, users: int) -> float:
        """Of so many users."""
        return self.gib + self.gib_per_million * users / 1e6


@dataclass(frozen=True)
class Needs:
    """What so many users need.

    Attributes
    ----------
    users
        How many.
    hours
        Of the whole night on the machine that was measured, were there memory enough.
    alone_hours
        Of them, stages that stay in one process.
    machines
        Of `CORES` cores beside the driver's, for what workers share to fit into what the rest leaves of the night;
        None where no number of machines is enough: see `missing`.
    missing
        What the stages of one process have too little of: time, memory of a machine of `GIB`, or nothing ("").
    gib
        Of the largest stage that stays in one process, and its name.
    store_gib
        Of the online store.
    """

    users: int
    hours: float
    alone_hours: float
    machines: int | None
    missing: str
    gib: float
    largest: str
    store_gib: float


def growths(results: Mapping[str, Any]) -> dict[str, Growth]:
    """By stage, from the two largest measured scales; empty where there are fewer."""
    known = [scale for scale in SCALES if f"night_{scale}_users" in results][-2:]
    if len(known) < 2:
        return {}
    points = {stage: [_point(results, scale, stage) for scale in known] for stage in STAGES_OF_NIGHT}
    return {stage: Growth.between(*pair) for stage, pair in points.items()}


def needs_of(results: Mapping[str, Any], users: int) -> Needs:
    """What so many users need; see `growths`."""
    found = growths(results)
    seconds = {stage: growth.seconds_at(users) for stage, growth in found.items()}
    alone = {stage: growth.gib_at(users) for stage, growth in found.items() if stage not in SPREAD}
    alone_seconds = sum(seconds[stage] for stage in alone)
    shared = sum(seconds[stage] for stage in SPREAD) * MEASURED_CORES
    left = HOURS * 3600 - alone_seconds
    largest = max(alone, key=lambda stage: alone[stage])
    missing = "time" if left <= 0 else "memory" if alone[largest] > GIB else ""
    return Needs(
        users=users,
        hours=sum(seconds.values()) / 3600,
        alone_hours=alone_seconds / 3600,
        machines=None if missing else math.ceil(shared / (left * CORES)),
        missing=missing,
        gib=alone[largest],
        largest=largest,
        store_gib=_store_gib(results, users),
    )


def _point(results: Mapping[str, Any], scale: str, stage: str) -> tuple[float, float, float]:
    told = (f"night_{scale}_{name}" for name in ("users", f"{stage}_seconds", f"{stage}_peak_gib"))
    users, seconds, gib = (float(results[name]) for name in told)
    return users, seconds, gib


def _store_gib(results: Mapping[str, Any], users: int) -> float:
    scale = next(scale for scale in reversed(SCALES) if f"night_{scale}_users" in results)
    each: float = results[f"night_{scale}_store_gib"] / results[f"night_{scale}_users"]
    return each * users
