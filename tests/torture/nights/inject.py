"""Does a fault to a stage; each says whether it hit and how the hurt run ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

from tests.redis_server import RedisServer
from tests.servers.server import Server
from tests.torture.nights.corrected import Spoiled
from tests.torture.nights.fault import CORRECTED, Fault
from tests.torture.nights.full_disk import run_on_full_disk
from tests.torture.nights.lane import Lane
from tests.torture.nights.server_lane import ServerLane

AWAY_SECONDS = 3
COPIES_SECONDS = 2
PATIENCE_SECONDS = 600  # what hangs, and not what a busy machine keeps waiting


@dataclass(frozen=True)
class Hurt:
    """What a fault did.

    Attributes
    ----------
    hit
        Whether the stage was still at work, so that the fault meant something.
    exits
        Exit codes of the hurt runs; below 0 the signal that ended one.
    """

    hit: bool
    exits: tuple[int, ...]


def hurt(lane: Lane, fault: Fault) -> Hurt:
    """Run the stage with the fault, to its end; once more where it ended sooner than it did undisturbed."""
    done = _INJECTORS[fault.kind](lane, fault)
    if done.hit or fault.kind in UNTIMED:
        return done
    lane.restore(fault.stage)
    return _INJECTORS[fault.kind](lane, fault)


def _at_boundary(lane: Lane, fault: Fault) -> Hurt:
    stage = lane.command(fault.stage)[3:]
    done = lane.run(
        [sys.executable, "-m", "tests.torture.nights.boundary", fault.point, fault.when, str(fault.nth), *stage]
    )
    return Hurt(done.returncode == -signal.SIGKILL, (done.returncode,))


def _at_random(lane: Lane, fault: Fault) -> Hurt:
    process = _started_until(lane, fault)
    hit = process.poll() is None
    _signal(process, signal.SIGKILL)
    return Hurt(hit, (process.wait(),))


def _java(lane: Lane, fault: Fault) -> Hurt:
    process = _started_until(lane, fault)
    hit = False
    while process.poll() is None and not hit:
        for child in psutil.Process(process.pid).children(recursive=True):
            if _is_spark(child):
                child.kill()
                hit = True
        time.sleep(0.05)
    return Hurt(hit, (_end(process),))


def _is_spark(process: psutil.Process) -> bool:
    """Whether it is Spark's Java, and not one that was only asked for its version."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return any("SparkSubmit" in word for word in process.cmdline())
    return False


def _full_disk(lane: Lane, fault: Fault) -> Hurt:
    code = run_on_full_disk(lane, fault.stage, fault.size_kib)
    return Hurt(code != 0, (code,))


def _copies(lane: Lane, fault: Fault) -> Hurt:
    first = lane.start(lane.command(fault.stage))
    time.sleep(fault.at * COPIES_SECONDS)
    second = lane.start(lane.command(fault.stage))
    hit = first.poll() is None
    return Hurt(hit, (_end(first), _end(second)))


def _overtaken(lane: Lane, fault: Fault, meanwhile: Callable[[], None] = lambda: None) -> Hurt:
    """The first may hold a lock while it is stopped: then the second waits, until the first goes on."""
    first = _started_until(lane, fault)
    hit = first.poll() is None
    _signal(first, signal.SIGSTOP)
    meanwhile()
    second = lane.start(lane.command(fault.stage))
    with contextlib.suppress(subprocess.TimeoutExpired):
        second.wait(timeout=2 * lane.seconds[fault.stage] + 10)
    _signal(first, signal.SIGCONT)
    return Hurt(hit, (_end(first), _end(second)))


def _corrected(lane: Lane, fault: Fault) -> Hurt:
    """The first reads spoiled inputs, and is stopped while they are corrected and the stage is run again."""
    spoiled = Spoiled.of(lane, fault.stage)
    return _overtaken(lane, fault, meanwhile=spoiled.correct)


def _away(server_of: Callable[[ServerLane], Server | RedisServer]) -> Callable[[Lane, Fault], Hurt]:
    """A server that dies while the stage is at work and comes back a little later."""

    def inject(lane: Lane, fault: Fault) -> Hurt:
        assert isinstance(lane, ServerLane)
        server = server_of(lane)
        process = _started_until(lane, fault)
        hit = process.poll() is None
        server.kill()
        time.sleep(AWAY_SECONDS)
        server.start()
        return Hurt(hit, (_end(process),))

    return inject


_INJECTORS: dict[str, Callable[[Lane, Fault], Hurt]] = {
    "killed at a boundary": _at_boundary,
    "killed at a random point": _at_random,
    "Java killed": _java,
    "full disk": _full_disk,
    "copies side by side": _copies,
    "stopped, overtaken, continued": _overtaken,
    CORRECTED: _corrected,
    "Spark worker killed": _away(lambda lane: lane.deployment.cluster.workers[0]),
    "Redis away": _away(lambda lane: lane.deployment.redis),
    "PostgreSQL away": _away(lambda lane: lane.deployment.postgres.server),
    "MLflow away": _away(lambda lane: lane.deployment.mlflow.server),
}

# Their moment is no matter of seconds.
UNTIMED = ("killed at a boundary", "full disk", "copies side by side")


def _started_until(lane: Lane, fault: Fault) -> subprocess.Popen[bytes]:
    """The stage, started and at work until the fault's moment; one that ends sooner tells how long it takes now."""
    started = time.monotonic()
    process = lane.start(lane.command(fault.stage))
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=fault.at * lane.seconds[fault.stage])
        lane.seconds[fault.stage] = time.monotonic() - started
    return process


def _signal(process: subprocess.Popen[bytes], sign: signal.Signals) -> None:
    try:
        os.killpg(process.pid, sign)
    except ProcessLookupError:
        return


def _end(process: subprocess.Popen[bytes]) -> int:
    """Its exit code; one that hangs is killed, which the retry then has to mend."""
    try:
        return process.wait(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        _signal(process, signal.SIGKILL)
        return process.wait()
