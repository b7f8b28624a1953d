"""What is known of a stage before it runs."""

from dataclasses import dataclass

from jobs.stages.reads import Read


@dataclass(frozen=True)
class Stage:
    """One command, one task, one retry.

    Attributes
    ----------
    name
        On the command line; the module `jobs.stages.<name>` has its `run`.
    doc
        One line for `--help`.
    reads
        Partitions it depends on.
    writes
        Tables it makes; they become current one after the other at its end.
    settings
        Dotted settings that change what it makes.
    ranged
        Whether it can build many run dates in one go.
    on_closed_days
        Whether a closed day runs it; the others say so and end.
    reads_log
        Whether the app's log files are an input.
    always
        Whether it runs although its inputs are unchanged, since what it looks at is outside the lake.
    """

    name: str
    doc: str
    reads: tuple[Read, ...]
    writes: tuple[str, ...]
    settings: tuple[str, ...]
    ranged: bool = False
    on_closed_days: bool = False
    reads_log: bool = False
    always: bool = False

    @property
    def module(self) -> str:
        """Where its `run` is."""
        return f"jobs.stages.{self.name}"
