"""One fault and its cure: hurt the stage, run it again as Airflow would, and compare with the undisturbed night."""

import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from jobs.core.errors import StorageError
from tests.torture.nights.fault import CORRECTED, Fault
from tests.torture.nights.inject import hurt
from tests.torture.nights.lane import APP, Lane
from tests.torture.nights.leaves import leaves

MAX_TRIES = 3  # the first and the two retries of `schedule.retries`
OLD_SECONDS = 400 * 86_400

# Nothing is taken from a stage that only has company.
HARMLESS = ("copies side by side", "stopped, overtaken, continued", CORRECTED)


@dataclass(frozen=True)
class Outcome:
    """How it went.

    Attributes
    ----------
    hit
        Whether the fault met a stage at work.
    exits
        Exit codes of the hurt runs.
    tries
        Runs after the fault until one ended with 0.
    cured
        Whether one did.
    different
        Tables, or what is online, that differ from the undisturbed night.
    half_served
        Whether between fault and cure the store served neither what it did before nor the whole new generation; None
        where it was not looked at: on Redis whole generations are promised for each entity.
    left
        Files below the home that `nightjar vacuum` has left and an undisturbed night has not; None where it was not
        asked.
    seconds
        Of all this.
    """

    fault: Fault
    hit: bool
    exits: tuple[int, ...]
    tries: int
    cured: bool
    different: tuple[str, ...]
    half_served: bool | None
    left: tuple[str, ...] | None
    seconds: float
    said: str = ""

    @property
    def is_good(self) -> bool:
        """Whether nothing of the fault is left, and the hurt runs ended as they had to."""
        return self._ended_well and self.cured and not self.different and not self.half_served and not self.left

    @property
    def _ended_well(self) -> bool:
        """Whether the hurt runs said what they had to: a full disk its own exit code, mere company none.

        The one whose inputs were spoiled has many reasons to fail.
        """
        if self.fault.kind == "full disk":
            return {*self.exits} <= {0, StorageError.exit_code}
        innocent = self.exits[1:] if self.fault.kind == CORRECTED else self.exits
        return self.fault.kind not in HARMLESS or not any(innocent)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "good": self.is_good}


def try_fault(lane: Lane, fault: Fault, sweep: bool) -> Outcome:
    """Inject one fault and look at what is left of it; `sweep` asks for a vacuum as well, which takes seconds."""
    started = time.monotonic()
    lane.restore(fault.stage)
    served_before = lane.online() if _is_whole(lane, fault) else ""
    done = hurt(lane, fault)
    served = lane.online() if served_before else ""
    tries, said = _cure(lane, fault.stage)
    found, expected = lane.digests(), lane.after[fault.stage]
    different = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    return Outcome(
        fault=fault,
        hit=done.hit,
        exits=done.exits,
        tries=tries,
        cured=not said,
        different=tuple(different),
        half_served=served not in (served_before, expected["online"]) if served_before else None,
        left=tuple(_not_swept(lane, fault.stage)) if sweep else None,
        seconds=round(time.monotonic() - started, 1),
        said=said,
    )


def _is_whole(lane: Lane, fault: Fault) -> bool:
    return fault.stage == "publish" and "NIGHTJAR__ONLINE__REDIS" not in lane.variables


def _cure(lane: Lane, stage: str) -> tuple[int, str]:
    """Run it until it ends well; how often, and what it said last if it never did."""
    for tries in range(1, MAX_TRIES + 1):
        done = lane.run(lane.command(stage))
        if done.returncode == 0:
            return tries, ""
    return MAX_TRIES, done.stderr[-2000:]


def _not_swept(lane: Lane, stage: str) -> list[str]:
    """Files that a vacuum, long after, has left and that the undisturbed stage had not made."""
    _age(lane.home.root)
    done = lane.run([*lane.command("vacuum")[:4], "--app", APP])
    if done.returncode:
        return [f"vacuum ended with {done.returncode}: {done.stderr[-300:]}"]
    return sorted((leaves(lane.home.root) - lane.leaves[stage]).elements())


def _age(folder: Path) -> None:
    """Let everything look as if it had been written long ago."""
    then = time.time() - OLD_SECONDS
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (then, then), follow_symlinks=False)
