"""A command in the place of `nightjar` that takes a moment and writes down what it was called with."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

# Lines of `.running` stand in the order of time: appends of one line do not mix.
# Hangs or fails where the test says so.
_SCRIPT = """#!/bin/sh
echo "$1 $3 $5" >> "{path}"
echo "+ $1 $3 $5" >> "{path}.running"
sleep 0.2
[ "$1" = "$HANGING_STAGE" ] && sleep 3600
echo "- $1 $3 $5" >> "{path}.running"
[ "$1" = "$FAILING_STAGE" ] && exit "$FAILING_CODE"
exit 0
"""

Call = tuple[str, str, str]
"""Stage, app and date."""


class Recorder:
    """What stages were called with, in order.

    Attributes
    ----------
    command
        The script.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "calls.txt"
        self.command = folder / "recorder"
        self.command.write_text(_SCRIPT.format(path=self._path))
        self.command.chmod(0o755)

    def calls(self, app: str) -> list[tuple[str, str]]:
        """Stage and date of every call for one app."""
        lines = self._path.read_text().splitlines() if self._path.exists() else []
        rows = [line.split(" ") for line in lines]
        return [(stage, day) for stage, of_app, day in rows if of_app == app]

    def stages(self, app: str, day: str) -> list[str]:
        """Stages that ran for one app and day, in order."""
        return [stage for stage, of_day in self.calls(app) if of_day == day]

    def days(self, app: str, but: date | None = None) -> set[str]:
        """All days that any stage of an app was called with, but for one."""
        return {day for _, day in self.calls(app)} - {str(but)}

    def nights(self, app: str) -> int:
        """How many nights of an app went to their end."""
        return [stage for stage, _ in self.calls(app)].count("report")

    def at_once(self) -> Iterator[list[Call]]:
        """The calls under way, after every begin and every end."""
        running: Counter[Call] = Counter()
        for line in self._path.with_name(f"{self._path.name}.running").read_text().splitlines():
            sign, stage, app, day = line.split(" ")
            running[stage, app, day] += 1 if sign == "+" else -1
            yield list(running.elements())
