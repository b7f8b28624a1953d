"""Two sides measured in turn, so that what else the machine does hits both alike."""

import time
from collections.abc import Callable, Mapping
from statistics import median


def in_turn(sides: Mapping[str, Callable[[], float]], times: int) -> dict[str, list[float]]:
    """What each side measures, `times` times; every other round the last side begins."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(times):
        names = list(sides) if number % 2 == 0 else list(reversed(sides))
        for name in names:
            found[name].append(sides[name]())
    return found


def ratio(found: Mapping[str, list[float]], over: str, under: str) -> float:
    """Median of the ratios of neighbours: one slow round counts once."""
    return median(a / b for a, b in zip(found[over], found[under], strict=True))


def timed(work: Callable[[], object]) -> float:
    """Seconds of the clock on the wall."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
