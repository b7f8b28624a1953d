"""Metrics for Prometheus; with several workers they are summed through PROMETHEUS_MULTIPROC_DIR."""

import math
import os

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)

LATENCY = Histogram("nightjar_request_seconds", "Time of an answer, in seconds.", ["route"], buckets=_SECONDS)
REQUESTS = Counter("nightjar_requests", "Answers by route and status.", ["route", "status"])
RUNGS = Counter("nightjar_rungs", "Lists served, by the rung of the ladder.", ["surface", "rung"])
AGE = Gauge(
    "nightjar_age_seconds",
    "Age of what is online, from the end of its run date; NaN where nothing valid is.",
    multiprocess_mode="mostrecent",
)
STALE = Counter("nightjar_stale", "Lists served that were stale.")
CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(age_seconds: float | None) -> bytes:
    """All metrics of all workers, as text; the age is that of now, also where nobody asks for lists."""
    AGE.set(math.nan if age_seconds is None else age_seconds)
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return generate_latest(registry)
