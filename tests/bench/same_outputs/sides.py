"""Ours and the stock parts in turn, for the same outputs: part `stock` of the bench of nights."""

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.bench.alternate import in_turn, ratio
from tests.bench.night import APP, STAGES
from tests.bench.night_whole import Night
from tests.bench.parts import Results
from tests.bench.processes import Measured, measure

PACKAGE = "tests.bench.same_outputs"
Parts = dict[str, Measured]


def run_sides(night: Night, times: int) -> Results:
    """Seconds of both and the one over the other.

    Parameters
    ----------
    night
        With its past.
    times
        Rounds; every other one begins with the other side.
    """
    out = night.app.root / "stock"
    _run_stock(night, out, "clean", "past")
    found: dict[str, list[Parts]] = {"ours": [], "stock": []}
    sides: Mapping[str, Callable[[], Parts]] = {"ours": lambda: _ours(night), "stock": lambda: _stock(night, out)}

    def timed(name: str) -> float:
        found[name].append(sides[name]())
        return sum(part.seconds for part in found[name][-1].values())

    rounds = in_turn({name: lambda name=name: timed(name) for name in sides}, times)
    shutil.rmtree(out, ignore_errors=True)
    return {
        "stock_over_ours": ratio(rounds, "stock", "ours"),
        **{f"{name}_seconds": min(rounds[name]) for name in sides},
        **{f"{name}_peak_gib": max(part.peak_gib for part in found[name][-1].values()) for name in sides},
        **{f"{name}_{part}_seconds": told.seconds for name in sides for part, told in found[name][-1].items()},
    }


def _ours(night: Night) -> Parts:
    stages = {stage: night.run_stage(stage, "--again") for stage in STAGES}
    out = night.app.root / "ours"
    rest = {}
    for part in ("lists", "churn", "online"):
        command = [sys.executable, "-m", f"{PACKAGE}.our_outputs", part, APP, str(out), str(night.log.night)]
        rest[part] = measure(command, night.app.environment, night.app.root / "stderr.log")
    return {**stages, **rest}


def _stock(night: Night, out: Path) -> Parts:
    return {part: _run_stock(night, out, part) for part in ("clean", "lists", "churn", "online")}


def _run_stock(night: Night, out: Path, part: str, *more: str) -> Measured:
    log, first, day = str(night.log.folders.log), str(night.log.first), str(night.log.night)
    words = {"clean": (log, str(out), first, day), "lists": (str(out),)}.get(part, (str(out), day))
    command = [sys.executable, "-m", f"{PACKAGE}.stock_{part}", *words, *more]
    return measure(command, os.environ, night.app.root / "stderr.log")
