"""Puts the guesses about a log together: what an app's file would say, and what is left to a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from jobs.readers.guess_columns import are_spreadsheet_ids, left_over, match_columns
from jobs.readers.guess_event_types import EventTypes, match_event_types
from jobs.readers.guess_time import TimeGuess, first_day, guess_time
from jobs.readers.preview import Preview

# Keeps the digits of an id such as 17850.0.
SPREADSHEET_ID = "^([0-9]+)"


@dataclass(frozen=True)
class Proposal:
    """What the columns of a log seem to be.

    Attributes
    ----------
    columns
        Event column -> column of the log.
    extracts
        Event column -> regular expression whose group is the id, where the column needs one.
    left_over
        Columns of the log that nothing reads.
    examples
        Column of the log -> its first value.
    event_types
        What the values of the event-type column stand for; empty without such a column.
    time
        How times are written; None where there is no such column, or no format reads it.
    time_zone
        IANA name of the zone of times without an offset.
    has_zone
        Whether the times say themselves when they were, by an offset or by their type.
    first_day
        Earliest local day in the rows; None without readable times.
    """

    columns: dict[str, str]
    extracts: dict[str, str]
    left_over: list[str]
    examples: dict[str, str]
    event_types: EventTypes
    time: TimeGuess | None
    time_zone: str
    has_zone: bool
    first_day: date | None


def propose(head: Preview, zone: ZoneInfo, day: date | None) -> Proposal:
    """Guess a mapping.

    Parameters
    ----------
    head
        First rows of the log.
    zone
        The app's time zone; also that of times without an offset, but for those a file keeps in UTC.
    day
        Day of the file, None where its name does not say it.
    """
    columns = match_columns(head.columns)
    values = {event_column: head.values(column) for event_column, column in columns.items()}
    in_utc = columns.get("event_time") in head.utc_columns
    time = guess_time(values.get("event_time", []), day)
    return Proposal(
        columns=columns,
        extracts={
            name: SPREADSHEET_ID for name in ("user_id", "item_id") if are_spreadsheet_ids(values.get(name, []))
        },
        left_over=left_over(head.columns, columns),
        examples={column: next(iter(head.values(column)), "") for column in head.columns},
        event_types=match_event_types(values.get("event_type", [])),
        time=time,
        time_zone="UTC" if in_utc else zone.key,
        has_zone=in_utc or (time is not None and any(moment.tzinfo for moment in time.times)),
        first_day=first_day(_moments(time.times, in_utc), zone) if time else None,
    )


def _moments(times: Sequence[datetime], in_utc: bool) -> list[datetime]:
    return [time.replace(tzinfo=UTC) for time in times] if in_utc else list(times)
