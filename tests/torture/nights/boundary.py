"""A stage that dies at a boundary, as `python -m tests.torture.nights.boundary POINT WHEN NTH STAGE ...`.

The real command, in which one function of ours kills the process before or after its n-th call: the moments at which
a half-done thing would show.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

POINTS = {
    "begin an attempt": "jobs.adapters.lake.store:Lake.begin",
    "prepare a manifest": "jobs.adapters.lake.store:Lake.prepare",
    "place a manifest": "jobs.adapters.lake.store:Lake.place",
    "show a view to Feast": "jobs.stages.results:expose_current",
    "replace a generation": "jobs.adapters.online.sqlite_store:SqliteStore.replace",
    "replace a generation in Redis": "jobs.adapters.online.redis_store:RedisStore._write_served",
    "write a batch to Redis": "jobs.adapters.online.redis_writer:HashWriter._write_batch",
    "apply Feast's registry": "jobs.adapters.online.registry:_apply",
    "register a model": "jobs.adapters.tracking.versions:Versions.create",
    "move an alias": "jobs.adapters.tracking.versions:Versions.set_alias",
    "log a run": "jobs.adapters.tracking.runs:Runs.log",
    "keep a model's files here": "jobs.adapters.tracking.tracking:_rename_unless_there",
}


def arm(point: str, when: str, nth: int) -> None:
    """Let the process kill itself there."""
    owner, name = owner_of(point)
    setattr(owner, name, _dying(getattr(owner, name), when, nth))


def owner_of(point: str) -> tuple[Any, str]:
    """Module or class that has the function of a point, and the function's name there."""
    module, _, path = POINTS[point].partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for part in owners:
        owner = getattr(owner, part)
    return owner, name


def _dying(real: Callable[..., Any], when: str, nth: int) -> Callable[..., Any]:
    left = nth

    def replacement(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **kwargs)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    return replacement


if __name__ == "__main__":
    from jobs.__main__ import main

    arm(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    sys.exit(main(sys.argv[4:]))
