"""How the stages of a night grow with users, and how much faster more cores are: from what was measured.

Each stage is taken to cost a fixed part and a part for each user, which two measured scales tell. What is beyond the
largest of them is an extrapolation, and the page says so.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.bench import night_workers
from tests.bench.night_whole import STAGES_OF_NIGHT

SCALES = ("10k", "100k", "1m")

MEASURED_CORES = 2

DOUBLING = 0.7
"""Of twice the speed, what twice the cores bring where part `workers` was not measured. Two of Spark's workers
publish 1.46 times as fast as one (`publish_redis_spark_growth`), which is 0.73, and several machines have a network
between them."""


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

    def seconds_at(self, users: int, times: float = 1.0) -> float:
        """Of so many users, where the part for each user is so many times as fast as on two cores."""
        each = self.seconds_per_million * users / 1e6
        return self.seconds + each if times == 1.0 else max(0.0, self.seconds) + each / times

    def gib_at(self, users: int, machines: int = 1) -> float:
        """Of so many users, on each of the machines that share them."""
        return self.gib + self.gib_per_million * users / machines / 1e6


@dataclass(frozen=True)
class Speed:
    """What more cores bring to the stages that Spark's workers share.

    Attributes
    ----------
    cost
        Seconds of two workers of one core, over those of one process on two cores; at least 1.
    doubling
        Of twice the speed, what twice the workers bring: 1 would be all of it, 0.5 is none. `DOUBLING` where nobody
        measured it, or where the machine had no core for the second worker beside the driver.
    second
        How many times as fast two workers were as one; 0 unless measured.
    worker_gib
        What one more worker of one core takes; 0 unless measured.
    """

    cost: float = 1.0
    doubling: float = DOUBLING
    second: float = 0.0
    worker_gib: float = 0.0

    @classmethod
    def of(cls, results: Mapping[str, Any]) -> "Speed":
        """From the largest scale with workers.

        Its seconds hold what each stage costs however few the users are, so that workers look slower than they are
        for more users.
        """
        for scale in reversed(SCALES):
            if (one := results.get(f"night_{scale}_workers_1_seconds")) is not None:
                two = results[f"night_{scale}_workers_2_seconds"]
                alone = sum(results[f"night_{scale}_{stage}_seconds"] for stage in night_workers.STAGES)
                peaks = [results[f"night_{scale}_workers_{number}_peak_gib"] for number in (1, 2)]
                has_room = results.get("machine_cores", 0) > MEASURED_CORES
                doubling = min(1.0, one / (2 * two)) if has_room else DOUBLING
                return cls(max(1.0, two / alone), doubling, one / two, peaks[1] - peaks[0])
        return cls()

    def times(self, cores: int) -> float:
        """As fast as the measured two cores; never slower, for the engines of one process are still there."""
        return max(1.0, (2 * self.doubling) ** math.log2(cores / MEASURED_CORES) / self.cost)


def growths(results: Mapping[str, Any]) -> dict[str, Growth]:
    """By stage, from the two largest measured scales; empty where there are fewer."""
    known = [scale for scale in SCALES if f"night_{scale}_users" in results][-2:]
    if len(known) < 2:
        return {}
    points = {stage: [_point(results, scale, stage) for scale in known] for stage in STAGES_OF_NIGHT}
    return {stage: Growth.between(*pair) for stage, pair in points.items()}


def _point(results: Mapping[str, Any], scale: str, stage: str) -> tuple[float, float, float]:
    told = (f"night_{scale}_{name}" for name in ("users", f"{stage}_seconds", f"{stage}_peak_gib"))
    users, seconds, gib = (float(results[name]) for name in told)
    return users, seconds, gib
