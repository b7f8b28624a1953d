"""Says on the terminal what `nightjar init` matched, what is left to do, and what to run next."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from jobs.commands.app_file import REQUIRED, AppFile
from jobs.core.config.log import VISITOR
from jobs.readers.propose import Proposal


def print_proposal(console: Console, app_file: AppFile, target: Path, days: Sequence[date]) -> None:
    """Print what was written to `target`; `days` are those that have a file, ascending."""
    proposal = app_file.proposal
    console.print(f"wrote {target} from {app_file.sample}", style="bold", soft_wrap=True)
    console.print(_matched(proposal))
    if proposal.event_types.known:
        console.print(_types(proposal.event_types.known))
    _print_list(console, "Left to you", list(questions(app_file, days)))
    _print_list(console, "Then run", list(_commands(app_file, days)))


def print_template(console: Console, app: str, template: str, target: Path, differences: Sequence[str]) -> None:
    """Print what was written to `target`, and how the sample differs from the template."""
    console.print(f"wrote {target} from the template {template}", style="bold", soft_wrap=True)
    _print_list(console, "The sample differs", differences)
    look = f"look at log.path, log.time_zone and schedule.first_day in {target.name}"
    run = f"nightjar ingest_events --app {app} --date FIRST    # does the mapping fit?"
    _print_list(console, "Then", [look, run])


def questions(app_file: AppFile, days: Sequence[date]) -> Iterator[str]:
    """What a person has to decide, the most pressing first."""
    proposal = app_file.proposal
    yield from _missing(proposal)
    if proposal.event_types.unknown:
        values = ", ".join(f"{value!r} ({rows:,} rows)" for value, rows in proposal.event_types.unknown.items())
        yield f"event types without one of ours: {values}; name them in log.event_types or let them be quarantined"
    yield from _times(proposal)
    if app_file.first_day is None:
        yield "the first day of data: fill in schedule.first_day"
    if not days:
        yield f"the name of the files: the pipeline reads one a day, named <YYYY-MM-DD>.{app_file.extension}"
    if proposal.left_over:
        yield f"columns that nothing reads: {', '.join(proposal.left_over)}"


def _missing(proposal: Proposal) -> Iterator[str]:
    for name in REQUIRED:
        if name not in proposal.columns:
            yield f"log.columns.{name} is required, and no column looks like it"
    if not any(name in proposal.columns for name in VISITOR):
        yield "no column says who did it: map user_id (or anonymous_id, device_id) in log.columns"
    if "item_id" not in proposal.columns:
        yield "no column looks like log.columns.item_id; without it views and purchases are quarantined"


def _times(proposal: Proposal) -> Iterator[str]:
    time = proposal.time
    if "event_time" in proposal.columns and time is None:
        example = proposal.examples[proposal.columns["event_time"]]
        yield f"log.time_format: {example!r} is of no format known here; give a Spark pattern"
    if time and time.rival:
        yield f"log.time_format: {time.time_format!r} and {time.rival!r} read the sample equally well; choose"
    if time and not proposal.has_zone:
        yield f"log.time_zone: times carry no offset and are taken as {proposal.time_zone}"


def _commands(app_file: AppFile, days: Sequence[date]) -> Iterator[str]:
    app, first = app_file.app, app_file.first_day or "FIRST"
    last = days[-2] if len(days) > 1 else "YESTERDAY"
    why = f"    # {days[-1]}, the newest day, is left to the first night" if len(days) > 1 else ""
    yield f"nightjar ingest_events --app {app} --date {first}    # does the mapping fit?"
    yield f"nightjar backfill --app {app} --from {first} --to {last}{why}"
    yield f'eval "$(nightjar env --app {app})"'
    yield f"airflow dags unpause nightly_{app}    # every night from then on"


def _print_list(console: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        console.print(title, style="bold")
    for line in lines:
        console.print(f"  {line}", soft_wrap=True)


def _matched(proposal: Proposal) -> Table:
    table = _table("event column", "column of the log", "for example")
    for name, column in proposal.columns.items():
        table.add_row(name, column, proposal.examples[column])
    return table


def _types(known: dict[str, str]) -> Table:
    table = _table("event type of the log", "ours")
    for value, ours in known.items():
        table.add_row(value, ours)
    return table


def _table(*columns: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name, overflow="fold")
    return table
