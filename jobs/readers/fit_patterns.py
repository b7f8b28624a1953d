"""Do the patterns of a template's event type match the values of a sample?"""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class PatternMisses:
    """Rows whose event type no pattern matches; the pipeline quarantines them as `unknown_event_type`.

    Attributes
    ----------
    column
        Of the sample.
    rows, of
        How many, and of how many rows with a value.
    example
        The first such value.
    patterns
        The template's.
    """

    column: str
    rows: int
    of: int
    example: str
    patterns: tuple[str, ...]

    def sentence(self) -> str:
        """What an operator has to know."""
        matched = f"{self.of - self.rows:,}" if self.rows < self.of else "none"
        return (
            f"event_type: {matched} of {self.of:,} values of {self.column!r} in the sample match the template's "
            f"patterns {', '.join(self.patterns)}; the others, such as {self.example!r}, are quarantined as "
            "unknown_event_type: correct log.columns.event_type"
        )


def match_patterns(column: str, values: Sequence[str], patterns: Sequence[str]) -> PatternMisses | None:
    """The values that no pattern matches; None where there are none, or Python cannot read a pattern of Java's."""
    try:
        compiled = [re.compile(pattern) for pattern in patterns]
    except re.error:
        return None
    missed = [value for value in values if not any(pattern.search(value) for pattern in compiled)]
    return PatternMisses(column, len(missed), len(values), missed[0], tuple(patterns)) if missed else None
