"""The text of an app's file: a proposal as YAML, with a comment on every line that says what it means."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from jobs.commands.yaml_text import scalar
from jobs.core.config.log import VISITOR
from jobs.core.schemas import EVENT_COLUMNS
from jobs.readers.propose import Proposal

REQUIRED = ("event_type", "event_time")

_COMMENT_AT = 34
_DOCS = {column.name: column.doc for column in EVENT_COLUMNS}


@dataclass(frozen=True)
class AppFile:
    """What an app's file says.

    Attributes
    ----------
    app, sample
        Name of the app, and of the file that the proposal was made from.
    path, log_format, extension
        The settings log.path, log.format and log.extension.
    time_zone, first_day
        The settings of the same name below `schedule`.
    closed_weekdays, closed_days
        The settings of the same name below `calendar`.
    proposal
        The rest.
    """

    app: str
    sample: str
    path: str
    log_format: str
    extension: str
    time_zone: str
    first_day: date | None
    closed_weekdays: Sequence[str]
    closed_days: Sequence[date]
    proposal: Proposal

    @property
    def text(self) -> str:
        """The YAML."""
        sections = (self._head(), self._schedule(), self._calendar(), self._log(), self._columns(), self._types())
        return "\n".join(line for section in sections for line in section) + "\n"

    def _head(self) -> Iterator[str]:
        yield f"# {self.app}: guessed by `nightjar init` from {self.sample}; look at every line."
        yield "# What the keys mean is in docs/your-log.md; every other setting and its reason in conf/base.yaml."
        yield _line(f"app: {self.app}", "this file's name; also of the DAG, the lake and the Feast project")
        yield ""

    def _schedule(self) -> Iterator[str]:
        yield _line("schedule:", "when the night runs")
        yield _line(f"  time_zone: {self.time_zone}", "IANA name; a run date is a local day of this zone")
        if self.first_day:
            yield _line(f"  first_day: {self.first_day}", "first day of data; an earlier run date is refused")
        else:
            yield _line("  # first_day: 2025-01-01", "first day of data, which the sample does not tell: fill it in")
        yield ""

    def _calendar(self) -> Iterator[str]:
        yield _line("calendar:", "days without a night of their own; every other day must have a file")
        weekdays = ", ".join(self.closed_weekdays)
        yield _line(f"  closed_weekdays: [{weekdays}]", "weekdays on which there never is a file")
        yield _line(
            f"  closed_days:{'' if self.closed_days else ' []'}", "other days without a file, such as holidays"
        )
        for day in self.closed_days:
            yield _line(f"    - {day}", f"{day:%A}")
        yield ""

    def _log(self) -> Iterator[str]:
        time = self.proposal.time
        yield _line("log:", "where the log is and what its rows mean")
        yield _line(f"  name: {self.app}", "where a row came from, kept with every event")
        yield _line(f"  path: {scalar(self.path)}", "folder with one file a day: <YYYY-MM-DD>.<extension>")
        yield _line(f"  format: {self.log_format}", "csv, jsonlines or parquet")
        yield _line(f"  extension: {scalar(self.extension)}", "ending of a day's file")
        yield _line(f"  time_zone: {self.proposal.time_zone}", "of times that carry no offset")
        if time:
            yield _line(f"  time_format: {scalar(time.time_format)}", _time_comment(time.share, time.rival))
        else:
            yield _line("  # time_format: iso", "not recognised: iso, epoch_s, epoch_ms or a Spark pattern")
        yield _line("  max_late_days: 0", "days that an event may arrive late; an older one is quarantined")

    def _columns(self) -> Iterator[str]:
        columns = self.proposal.columns
        yield _line("  columns:" if columns else "  columns: {}", "event column: column of the log")
        for name, column in columns.items():
            yield _line(f"    {name}: {self._rule(name, column)}", _DOCS[name])
        for name in REQUIRED:
            if name not in columns:
                yield _line(f"    # {name}: COLUMN", f"REQUIRED and not found: {_DOCS[name]}")
        if "event_type" not in columns:
            yield _line("    # event_type: {constant: purchase}", "instead, if every row is the same kind of event")
        if not any(name in columns for name in VISITOR):
            yield _line("    # user_id: COLUMN", "REQUIRED and not found: who did it (or anonymous_id, device_id)")
        if "item_id" not in columns:
            yield _line("    # item_id: COLUMN", "not found: without it views and purchases are quarantined")
        for column in self.proposal.left_over:
            yield _line(f"    # not read: {scalar(column)}", f"for example {self.proposal.examples[column][:40]!r}")

    def _rule(self, name: str, column: str) -> str:
        if name not in self.proposal.extracts:
            return scalar(column)
        return f"{{column: {scalar(column)}, extract: {scalar(self.proposal.extracts[name])}}}"

    def _types(self) -> Iterator[str]:
        types = self.proposal.event_types
        yield _line("  event_types:" if types.known else "  event_types: {}", "the log's event type: ours")
        for value, ours in types.known.items():
            yield _line(f"    {scalar(value)}: {ours}", f"its weight: events.weights.{ours} in conf/base.yaml")
        for value, rows in types.unknown.items():
            unknown = f"{rows:,} rows of the sample; quarantined unless this line names one of ours"
            yield _line(f"    # {scalar(value)}: OURS", unknown)


def _line(text: str, comment: str) -> str:
    return f"{text:<{_COMMENT_AT}}  # {comment}"


def _time_comment(share: float, rival: str | None) -> str:
    read = f"iso, epoch_s, epoch_ms or a Spark pattern; this one reads {share:.1%} of the sample"
    return f"{read}, and so does {rival}: choose" if rival else read
