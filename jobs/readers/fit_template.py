"""Fits the mapping of a template to the columns that a sample of the log really has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jobs.readers.guess_columns import match_columns
from jobs.readers.guess_event_types import EventTypes, match_event_types
from jobs.readers.guess_time import guess_time
from jobs.readers.preview import Preview


@dataclass(frozen=True)
class Fit:
    """What a sample changes in a template's section `log`.

    Attributes
    ----------
    replaced
        Event column -> the sample's column that its rule reads instead of the template's.
    removed
        Event column -> the template's column that the sample does not have.
    added
        Event column -> column of the sample that the template does not read.
    event_types
        The sample's event types that the template does not name; known ones with ours.
    time_format
        The format that reads the sample's times; None where the template's does.
    left_over
        Columns of the sample that nothing reads.
    """

    replaced: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    event_types: EventTypes = field(default_factory=lambda: EventTypes({}, {}))
    time_format: str | None = None
    left_over: tuple[str, ...] = ()

    def sentences(self, template: Mapping[str, Any]) -> Iterator[str]:
        """The differences, one a line; `template` is its section `log`."""
        for name, column in self.replaced.items():
            yield f"{name} is read from {column!r}; the template's {_column(template, name)!r} is not in the sample"
        for name, column in self.removed.items():
            yield f"{name} is left out: {column!r} is not in the sample, and no column looks like it"
        for name, column in self.added.items():
            yield f"{name} is read from {column!r}, which the template does not have"
        for value, ours in self.event_types.known.items():
            yield f"event type {value!r} is taken as {ours}"
        for value, rows in self.event_types.unknown.items():
            yield f"event type {value!r} ({rows:,} rows) is none of ours; name it or let it be quarantined"
        if self.time_format:
            yield f"time_format is {self.time_format!r}; the template's {template['time_format']!r} does not fit"
        if self.left_over:
            yield f"columns that nothing reads: {', '.join(self.left_over)}"


def fit_template(template: Mapping[str, Any], head: Preview, day: date | None) -> Fit:
    """Compare a template with a sample.

    Parameters
    ----------
    template
        Section `log` of the template, as YAML gives it.
    head
        First rows of the log.
    day
        Day of the sample, None where its name does not say it.
    """
    reads = {name: _column(template, name) for name in template["columns"]}
    lacking = {name: column for name, column in reads.items() if column and column not in head.columns}
    kept = {name: column for name, column in reads.items() if column and name not in lacking}
    free = [column for column in head.columns if column not in kept.values()]
    guessed = match_columns(free)
    replaced = {name: guessed[name] for name in lacking if name in guessed}
    added = {name: column for name, column in guessed.items() if name not in reads}
    read = {*kept.values(), *replaced.values(), *added.values()}
    origin = {**kept, **replaced}
    return Fit(
        replaced=replaced,
        removed={name: column for name, column in lacking.items() if name not in replaced},
        added=added,
        event_types=_new_types(template, head, origin),
        time_format=_other_format(template, head, origin, day),
        left_over=tuple(column for column in head.columns if column not in read),
    )


def _column(template: Mapping[str, Any], name: str) -> str | None:
    """The column that a rule reads, None for a constant."""
    rule = template["columns"][name]
    return rule if isinstance(rule, str) else rule.get("column")


def _new_types(template: Mapping[str, Any], head: Preview, origin: Mapping[str, str]) -> EventTypes:
    if not isinstance(template["columns"]["event_type"], str) or "event_type" not in origin:
        return EventTypes({}, {})
    named = template.get("event_types", {})
    return match_event_types([value for value in head.values(origin["event_type"]) if value not in named])


def _other_format(
    template: Mapping[str, Any], head: Preview, origin: Mapping[str, str], day: date | None
) -> str | None:
    """A format that reads the sample's times, where the template's is neither that one nor its equal."""
    guess = guess_time(head.values(origin["event_time"]), day) if "event_time" in origin else None
    known = template["time_format"]
    return None if guess is None or known in (guess.time_format, guess.rival) else guess.time_format
