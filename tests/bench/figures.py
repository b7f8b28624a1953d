"""Writes the bench's figures into docs/performance.md: `make bench-docs`. They are never written by hand."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobs.core.config.load import project_folder

PAGE = project_folder() / "docs" / "performance.md"
RESULTS = Path("build/bench/events.json")
BEGIN, END = "<!-- figures: begin (make bench-docs) -->", "<!-- figures: end -->"

ROWS = (
    ("seconds_20m", "a day of 20 million events, Parquet: ingest, clean, check, features", "{:.0f} s", "240 s"),
    ("peak_gib_20m", "largest memory of it", "{:.1f} GiB", "12 GiB"),
    ("fixed_seconds", "of which fixed: the same processes on a thousand events", "{:.0f} s", ""),
    ("duckdb_seconds_20m", "the same steps by hand in DuckDB", "{:.0f} s", ""),
    ("ratio_to_duckdb", "times DuckDB's time", "{:.1f}", "6"),
    ("jsonlines_seconds_20m", "the same day as JSON lines", "{:.0f} s", ""),
    ("seconds_per_million_5m", "a million more at 5 million, without the fixed cost", "{:.2f} s", ""),
    ("seconds_per_million_20m", "a million more at 20 million", "{:.2f} s", "1.2 times that at 5 million"),
    ("night_seconds_after_30_days", "a night after 30 days of history", "{:.0f} s", ""),
    ("night_seconds_after_365_days", "the same night after 365 days", "{:.0f} s", ""),
    ("night_365_over_30_days", "the one over the other", "{:.2f}", "1.25"),
    ("cluster_same_digests", "two workers of a cluster give the digests of local mode", "{}", "True"),
)  # fmt: skip


def write_docs(results: Mapping[str, Any]) -> None:
    """Put a table of the figures between the page's two marks."""
    lines = ["| what | measured | at most |", "| --- | ---: | ---: |"]
    lines += [
        f"| {what} | {form.format(results[key])} | {limit} |" for key, what, form, limit in ROWS if key in results
    ]
    lines += ["", f"On {results['machine_cores']} cores ({results['machine']}, {results['system']})."]
    text = f"{BEGIN}\n" + "\n".join(lines) + f"\n{END}"
    page = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: text, PAGE.read_text(), flags=re.DOTALL)
    PAGE.write_text(page)


if __name__ == "__main__":
    write_docs(json.loads(RESULTS.read_text()))
