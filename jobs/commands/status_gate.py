"""What the gate decided in a night: in a few words for its line, and role by role."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from rich.console import Console
from rich.table import Table

from jobs.commands.whole_words import first_that_fits, table_of

# As in the column `champions.decision`; what changed who serves comes first.
_DECISIONS = ("promoted", "by_hand", "refused", "kept", "copied")
# Narrower, a reason of one sentence takes six lines, and stands below the champion instead.
_REASON_WIDTH = 40


def gate_cell(champions: Sequence[Mapping[str, str]]) -> str:
    """Such as `2 promoted, 1 refused`; empty where the night has no champions."""
    counted = Counter(row["decision"] for row in champions)
    return ", ".join(f"{counted[one]} {_in_words(one)}" for one in _DECISIONS if counted[one])


def gate_table(console: Console, champions: Sequence[Mapping[str, str]], day: date) -> Table:
    """A row a role, with the reason beside the champion, or below it where the console is narrow."""
    title = f"Gate of {day}"
    wide = table_of(("role", "champion", "decision", "why"), wraps=("why",), title=title)
    wide.columns[-1].min_width = _REASON_WIDTH
    narrow = table_of(("role", "decision", "champion, why"), wraps=("champion, why",), title=title)
    for row in champions:
        role, model, decision = row["role"], row["model"] or "nobody", _in_words(row["decision"])
        wide.add_row(role, model, decision, row["reason"])
        narrow.add_row(role, decision, f"{model}\n{row['reason']}")
    return first_that_fits(console, wide, narrow)


def _in_words(decision: str) -> str:
    return decision.replace("_", " ")
