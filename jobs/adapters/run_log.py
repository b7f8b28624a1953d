"""What ran for a date: one JSON line a stage run, for the report and for people; no stage decides by it."""

import json
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
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """All lines, oldest first; empty where nothing ran."""
        if not self._file.is_file():
            return []
        return [json.loads(line) for line in self._file.read_text(encoding="utf-8").splitlines()]

    @property
    def _file(self) -> Path:
        return self.folder / f"{self.run_date}.jsonl"
