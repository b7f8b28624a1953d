"""Fits the mapping of a template to the columns that a sample of the log really has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date
from typing import Any

from jobs.readers.fit_patterns import PatternMisses, match_patterns
from jobs.readers.fit_times import FittedTimes, fit_times
from jobs.readers.guess_columns import match_columns
from jobs.readers.guess_event_types import EventTypes, match_event_types
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
    times
        How the sample's times are written.
    misses
        Values of the sample's event type that no pattern of the template matches; None where there are none.
    left_over
        Columns of the sample that nothing reads.
    """

    replaced: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    event_types: EventTypes = field(default_factory=lambda: EventTypes({}, {}))
    times: FittedTimes = field(default_factory=FittedTimes)
    misses: PatternMisses | None = None
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
        if self.misses:
            yield self.misses.sentence()
        yield from self._time_sentences(template["time_format"])
        if self.left_over:
            yield f"columns that nothing reads: {', '.join(self.left_over)}"

    def _time_sentences(self, known: str) -> Iterator[str]:
        if self.times.other_format:
            yield f"time_format is {self.times.other_format!r}; the template's {known!r} does not fit"
        if self.times.unread:
            yield (
                f"time_format: neither the template's {known!r} nor another format known here reads "
                f"{self.times.unread!r}; give a Spark pattern"
            )


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
        times=_times(template, head, origin, day),
        misses=_misses(template, head, origin),
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


def _times(template: Mapping[str, Any], head: Preview, origin: Mapping[str, str], day: date | None) -> FittedTimes:
    column = origin.get("event_time", "")
    fitted = fit_times(template["time_format"], head.values(column), day)
    if column not in head.utc_columns:
        return fitted
    return replace(fitted, times=tuple(time.replace(tzinfo=UTC) for time in fitted.times))


def _misses(template: Mapping[str, Any], head: Preview, origin: Mapping[str, str]) -> PatternMisses | None:
    rule = template["columns"]["event_type"]
    if isinstance(rule, str) or not rule.get("patterns") or "event_type" not in origin:
        return None
    column = origin["event_type"]
    return match_patterns(column, head.values(column), list(rule["patterns"]))
