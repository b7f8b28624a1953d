"""What ran for a date: one JSON line a stage run, for the report and for people; no stage decides by it."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class RunLog:
    """The run log of one date."""

    folder: Path
    run_date: date

    def append(self, stage: str, state: str, seconds: float, rows: dict[str, int]) -> None:
        """Add a line, with the moment; lines this short are appended whole also by processes side by side."""
        self.folder.mkdir(parents=True, exist_ok=True)
        line = {"stage": stage, "state": state, "seconds": round(seconds, 2), "rows": rows}
        line["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        with self._file.open("a+b") as stream:
            # A line that a full disk has cut short ends here, and is passed over.
            is_cut = stream.tell() > 0 and stream.seek(-1, os.SEEK_END) >= 0 and stream.read() != b"\n"
            stream.write(b"\n" * is_cut + json.dumps(line).encode() + b"\n")

    def read(self) -> list[dict[str, Any]]:
        """All whole lines, oldest first; empty where nothing ran."""
        if not self._file.is_file():
            return []
        lines = [_parsed(line) for line in self._file.read_text(encoding="utf-8").splitlines()]
        return [line for line in lines if line is not None]

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.run_date}.jsonl"


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(line)
    except json.JSONDecodeError:
        return None
    return found
