"""What is done to a stage, drawn from a seed: the same seed gives the same list."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

from jobs.stages.catalog import STAGES as CATALOG
from jobs.stages.order import in_order

# `withdraw` is no part of a night that ends.
STAGES = tuple(stage.name for stage in in_order(CATALOG.values()) if stage.name != "withdraw")

WRITING = tuple(name for name in STAGES if CATALOG[name].writes)
TRAINING = tuple(name for name in STAGES if "tracking" in CATALOG[name].settings)
_TRACKED = (*TRAINING, "promote_models")
_SPARK = ("clean_events", "build_features")

# Kind -> stages that it can hit; what needs servers is in the second table.
EMBEDDED: dict[str, tuple[str, ...]] = {
    "killed at a boundary": WRITING,
    "killed at a random point": STAGES,
    "Java killed": _SPARK,
    "full disk": WRITING,
    "copies side by side": STAGES,
    "stopped, overtaken, continued": WRITING,
}
ON_SERVERS: dict[str, tuple[str, ...]] = {
    "killed at a boundary": ("publish", *_TRACKED),
    "copies side by side": ("publish", *_TRACKED),
    "Spark worker killed": _SPARK,
    "Redis away": ("publish", "check_online"),
    "PostgreSQL away": ("publish", *_TRACKED),
    "MLflow away": _TRACKED,
}

# Drawn apart, so that it changes no older list: see `draw_corrections`.
CORRECTED = "inputs corrected while it was stopped"

BOUNDARIES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(WRITING, ("begin an attempt", "prepare a manifest", "place a manifest")),
    **dict.fromkeys(TRAINING, ("log a run", "register a model", "place a manifest")),
    "build_features": ("begin an attempt", "prepare a manifest", "place a manifest", "show a view to Feast"),
    "promote_models": ("move an alias", "place a manifest"),
    "recommend": ("keep a model's files here", "place a manifest"),
    "score_users": ("keep a model's files here", "place a manifest"),
    "publish": ("apply Feast's registry", "replace a generation", "place a manifest", "show a view to Feast"),
}
REDIS_BOUNDARIES = ("write a batch to Redis", "replace a generation in Redis", "apply Feast's registry")


@dataclass(frozen=True)
class Fault:
    """One injected fault.

    Attributes
    ----------
    number
        Place in the list.
    kind, stage
        What is done to which stage.
    at
        When, as a share of the seconds that the undisturbed stage took.
    point, when, nth
        Of a kill at a boundary: before or after which call.
    size_kib
        Of a full disk: the room that is left, or where no disk can be mounted the longest file that may be written.
    """

    number: int
    kind: str
    stage: str
    at: float
    point: str = ""
    when: str = "before"
    nth: int = 1
    size_kib: int = 0


def draw_faults(seed: int, count: int, on_servers: bool, stages: Sequence[str] = STAGES) -> list[Fault]:
    """A list in which the kinds take turns, and within a kind the stages that it can hit; moments are drawn."""
    kinds = ON_SERVERS if on_servers else EMBEDDED
    drawn = random.Random(seed)
    hits = {kind: [stage for stage in hit if stage in stages] for kind, hit in kinds.items()}
    turns = {kind: cycle(drawn.sample(hit, len(hit))) for kind, hit in hits.items() if hit}
    return [
        _fault(number, kind, next(turns[kind]), on_servers, drawn)
        for number, kind in zip(range(count), cycle(turns), strict=False)
    ]


def draw_corrections(seed: int, count: int, first_number: int, stages: Sequence[str]) -> list[Fault]:
    """Faults of the kind `CORRECTED`, numbered on from a number; the stages take turns."""
    drawn = random.Random(f"{seed} corrections")
    turns = cycle(drawn.sample(stages, len(stages)))
    return [Fault(first_number + n, CORRECTED, next(turns), round(drawn.uniform(0.3, 0.98), 3)) for n in range(count)]


def _fault(number: int, kind: str, stage: str, on_servers: bool, drawn: random.Random) -> Fault:
    at = round(drawn.uniform(0.02, 0.98), 3)
    if kind == "full disk":
        return Fault(number, kind, stage, at, size_kib=drawn.choice((4, 12, 32, 128)))
    if kind != "killed at a boundary":
        return Fault(number, kind, stage, at)
    points = REDIS_BOUNDARIES if on_servers and stage == "publish" else BOUNDARIES[stage]
    point = drawn.choice(points)
    nth = drawn.choice((1, 2, 3)) if point in ("place a manifest", "show a view to Feast") else 1
    return Fault(
        number, kind, stage, at, point, drawn.choice(("before", "after")), min(nth, len(CATALOG[stage].writes))
    )
