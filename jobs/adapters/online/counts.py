"""What a publish did to the rows that stood there."""

from collections.abc import Callable
from dataclasses import dataclass

Told = Callable[[int], None]
"""Is told how many keys were written since it was told last."""


def tell_nobody(_keys: int) -> None:
    """Nobody looks."""


@dataclass
class Counts:
    """Rows, one per key and view.

    Attributes
    ----------
    added
        Stood not there before.
    changed
        Have other features or another model than before.
    restamped
        Have the same, under the new generation.
    removed
        Stood there and are not in the generation.
    """

    added: int = 0
    changed: int = 0
    restamped: int = 0
    removed: int = 0

    def add(self, before: bytes | None, content: bytes) -> None:
        """Count one row that is written; None for one that was not there."""
        if before is None:
            self.added += 1
        elif before == content:
            self.restamped += 1
        else:
            self.changed += 1

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(
            self.added + other.added,
            self.changed + other.changed,
            self.restamped + other.restamped,
            self.removed + other.removed,
        )

    def __str__(self) -> str:
        return (
            f"{self.added:,} rows added, {self.changed:,} changed, {self.restamped:,} restamped, "
            f"{self.removed:,} removed"
        )
