"""What a rolling state is: its table, the table of its keys at rest, and how each column rolls."""

from dataclasses import dataclass

from jobs.core.table import Table
from jobs.features.measures import Decayed, Measure, Window


@dataclass(frozen=True)
class RollingState:
    """A state table and how each of its columns rolls.

    Attributes
    ----------
    table
        The keys at work; its grain is the key.
    rest_table
        The keys at rest, with the same columns.
    measures
        They fill every other column; one at least is `Decayed`, whose `as_of` says when a key last had an arrival.
    rest_after
        Dotted settings, in days: a key rests after the longest of them and of the windows.
    """

    table: Table
    rest_table: Table
    measures: tuple[Measure, ...]
    rest_after: tuple[str, ...]

    @property
    def window_lengths(self) -> tuple[int, ...]:
        """Distinct window lengths in days, ascending."""
        return tuple(sorted({measure.days for measure in self.measures if isinstance(measure, Window)}))

    @property
    def half_lives(self) -> tuple[str, ...]:
        """Dotted names of the half-lives that it needs, ascending."""
        return tuple(sorted({measure.half_life for measure in self.measures if isinstance(measure, Decayed)}))

    @property
    def as_of(self) -> str:
        """The column with the day of the last arrival."""
        return next(measure.as_of for measure in self.measures if isinstance(measure, Decayed))

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns beside the key, in the table's order."""
        return tuple(name for name in self.table.column_names if name not in self.table.grain)
