"""One reader that asks without end: ``python -m tests.torture.reader KIND STORE SEED USERS``; a line ends it.

What it finds goes out as one line of JSON: reads, failures, mixtures within a view and across views, steps back, and
delisted items.
"""

import json
import os
import random
import select
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.torture.reads import Rows, open_reads
from tests.torture.rows import VIEWS, number_of

KINDS = {
    "rows": ("failed", "absent", "mixed_in_view", "mixed_across", "stepped_back", "delisted"),
    "client": ("failed", "absent", "mixed_in_view", "mixed_across", "stepped_back", "delisted"),
    "sdk": ("failed", "absent", "mixed_in_view", "stepped_back", "delisted"),
}
"""Kinds of readers, and what must never happen to one; Feast promises nothing across views."""


class Judge:
    """What one reader has seen, and what of it must not be."""

    def __init__(self, kind: str) -> None:
        self.found = dict.fromkeys(("reads", *KINDS[kind]), 0)
        self._is_whole = "mixed_across" in KINDS[kind]
        self._newest: dict[str, int] = {}

    def see(self, user: str, rows: Rows) -> None:
        """Judge one answer about a user who is in every generation."""
        self.found["reads"] += 1
        names = [row["generation"] for row in rows.values() if row]
        if not names:
            self.found["absent"] += 1
            return
        if self._is_whole:
            self.found["mixed_across"] += len(set(names)) > 1 or len(names) < len(VIEWS)
        self.found["mixed_in_view"] += any(not _agrees(row) for row in rows.values() if row)
        self.found["delisted"] += any(
            item.startswith("gone") for row in rows.values() for item in row.get("items", ())
        )
        newest = max(map(number_of, names))
        self.found["stepped_back"] += newest < self._newest.get(user, 0)
        self._newest[user] = max(newest, self._newest.get(user, 0))


def _agrees(row: Mapping[str, Any]) -> bool:
    """Whether a row's values are of the generation that it names."""
    number = number_of(row["generation"])
    wanted = {"items": [f"i{number}", f"j{number}"], "probability": number, "segment": str(number)}
    return all(row[name] == value for name, value in wanted.items() if name in row)


def main(arguments: Sequence[str]) -> None:
    """Read until told to stop."""
    kind, place, seed, users = arguments
    os.nice(10)  # a publish among eight that ask without end would have a tenth of the cores, and take minutes
    reads = open_reads(kind, place)
    pick, judge = random.Random(int(seed)), Judge(kind)
    failures: list[str] = []
    print("reading", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        user = f"u{pick.randrange(int(users)):05d}"
        try:
            judge.see(user, reads.read(user))
        except Exception as error:  # whatever an app would meet is what is counted
            judge.found["failed"] += 1
            failures.append(repr(error))
    told = {f"{kind}_{name}": count for name, count in judge.found.items()}
    print(json.dumps({**told, "failures": failures[:3]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
