"""Nights of an app in one process: `python -m tests.servers.nights APP DATE...`; no scheduler, one Spark session."""

import sys

from jobs.__main__ import main
from jobs.stages.catalog import STAGES
from jobs.stages.order import in_order


def run_nights(app: str, days: list[str]) -> int:
    """All stages of each date in their order; the first exit code that is not 0."""
    for day in days:
        for stage in in_order(STAGES.values()):
            code = 0 if stage.name == "withdraw" else main([stage.name, "--app", app, "--date", day])
            if code:
                return code
    return 0


if __name__ == "__main__":
    sys.exit(run_nights(sys.argv[1], sys.argv[2:]))
