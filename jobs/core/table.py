"""What a table is: its columns, its grain and its owner, said once for Spark, Arrow, Feast and the checks."""

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal[
    "string",
    "long",
    "int",
    "double",
    "boolean",
    "date",
    "timestamp",
    "decimal(18,4)",
    "array<string>",
    "array<long>",
    "array<double>",
]

Kind = Literal["log", "aggregate", "state", "feature", "training", "model", "output"]


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes
    ----------
    name
        Snake case; a window carries its unit (``n_events_7d``).
    type
        One of the few types that Spark, Arrow and Feast agree on. Timestamps are UTC, microseconds.
    doc
        One line: meaning, unit, edges of the window.
    nullable
        Whether a row may leave it out.
    volatile
        True for what differs between two equal runs (run ids, file paths); left out of every digest.
    """

    name: str
    type: ColumnType
    doc: str
    nullable: bool = False
    volatile: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the lake, partitioned by run date.

    Attributes
    ----------
    name
        Folder in the lake and name on the command line.
    doc
        One sentence that begins with the grain: "One row per ...".
    kind
        Its layer; a ``state`` rolls forward from the partition of the day before.
    grain
        Columns that identify a row within a partition; empty where rows may repeat.
    columns
        In the order in which they are written. The run date is the partition, not a column.
    owner
        Team to ask.
    schema_version
        Raised when a column is added, removed or retyped.
    state_version
        For a ``state``: raised when its arithmetic changes, so that an older one is refused.
    shaped_by
        For a ``state``: dotted settings that change its meaning (half-lives, weights).
    """

    name: str
    doc: str
    kind: Kind
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    owner: str = "data-platform"
    schema_version: int = 1
    state_version: int = 0
    shaped_by: tuple[str, ...] = ()

    @property
    def column_names(self) -> tuple[str, ...]:
        """All columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def stable_columns(self) -> tuple[Column, ...]:
        """The columns that count in a digest, in order."""
        return tuple(column for column in self.columns if not column.volatile)
