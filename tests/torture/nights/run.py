"""`make torture`: faults drawn from a seed, on the embedded default and on servers; adds to build/torture/*.jsonl.

What an earlier run of the same seed has tried without a trace is not tried again, so that a run may be stopped.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.nightly_app import INTERPRETED
from tests.torture.nights.corrected import INPUTS
from tests.torture.nights.fault import Fault, draw_corrections, draw_faults
from tests.torture.nights.lane import Lane
from tests.torture.nights.ledger import OUT, keep, left_to_try, read
from tests.torture.nights.server_lane import server_lane
from tests.torture.nights.trial import Outcome, try_fault

NIGHTS_BEFORE = 2  # the last of them is a closed day
CORRECT_EVERY = 10  # faults of the list, for one more whose inputs are corrected
SWEEP_EVERY = 5  # trials, since a vacuum takes seconds; six kinds take turns, and each has to meet it


def main() -> int:
    """Run one lane, or both side by side; 1 where any fault left a trace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lane", choices=("embedded", "servers", "both"), default="both")
    parser.add_argument("--count", type=int, default=200, help="faults; both lanes share them, three to one")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=600, help="begin no further fault after so many")
    args = parser.parse_args()
    # As Ctrl-C does: whoever ends it means its servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if args.lane == "both":
        return _both(args)
    faults = _drawn(args)
    left = left_to_try(faults, read(OUT, args.lane), args.seed)
    print(f"{args.lane}: {len(faults) - len(left)} of {len(faults)} faults were tried before", flush=True)
    if not left:
        return 0
    with TemporaryDirectory(prefix="nightjar-torture-") as folder, _lane(args.lane, Path(folder)) as lane:
        try:
            lane.make(nights_before=NIGHTS_BEFORE)
            outcomes = list(_outcomes(lane, left, args))
        finally:
            lane.end()
    return int(not all(outcome.is_good for outcome in outcomes))


def _drawn(args: argparse.Namespace) -> list[Fault]:
    """Of the embedded default some more: inputs that are corrected meanwhile."""
    faults = draw_faults(args.seed, args.count, args.lane == "servers")
    if args.lane == "servers":
        return faults
    return faults + draw_corrections(args.seed, args.count // CORRECT_EVERY, args.count, tuple(INPUTS))


@contextmanager
def _lane(name: str, folder: Path) -> Iterator[Lane]:
    if name == "servers":
        with server_lane(folder) as lane:
            yield lane
    else:
        yield Lane(folder, {"NIGHTJAR__SPARK__EXTRA": INTERPRETED})


def _outcomes(lane: Lane, faults: Sequence[Fault], args: argparse.Namespace) -> Iterator[Outcome]:
    until = time.monotonic() + 60 * args.minutes
    for fault in faults:
        if time.monotonic() > until:
            return
        outcome = try_fault(lane, fault, sweep=fault.number % SWEEP_EVERY == 0)
        keep(OUT, args.lane, args.seed, outcome)
        told = "as undisturbed" if outcome.is_good else f"NOT as undisturbed: {outcome}"
        hit = "hit" if outcome.hit else "missed"
        where = f"{fault.when} {fault.point} {fault.nth}" if fault.point else f"at {fault.at}"
        print(f"{fault.number} {fault.stage} {fault.kind} ({where}): {hit} {outcome.exits}, {told}", flush=True)
        yield outcome


def _both(args: argparse.Namespace) -> int:
    counts = {"embedded": args.count - args.count // 4, "servers": args.count // 4}
    shared = ["--seed", str(args.seed), "--minutes", str(args.minutes)]
    lanes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.torture.nights.run", "--lane", lane, "--count", str(count), *shared]
        )
        for lane, count in counts.items()
    ]
    try:
        return max(lane.wait() for lane in lanes)
    finally:
        # The terminal's Ctrl-C reaches them by itself, SIGTERM does not.
        for lane in lanes:
            lane.terminate()
        for lane in lanes:
            lane.wait()


if __name__ == "__main__":
    sys.exit(main())
