"""Prints findings on a terminal, or as plain text where there is none."""

import os
from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs.commands.checkup.finding import Finding, Findings
from jobs.core.secrets import known_secrets, masked

_SHOWN = {"ok": ("ok", "green"), "note": ("note", "yellow"), "wrong": ("WRONG", "bold red")}
_NOT_READ = (
    "Not read: the content of the lake's files. nightjar digest --app APP --date D finds those that were changed."
)


def print_findings(console: Console, found: Mapping[str, Findings], quiet: bool) -> None:
    """A table a heading; what to do stands below what was found, never cut, so that it can be copied."""
    shown = {
        heading: [one for one in findings if not quiet or one.state != "ok"] for heading, findings in found.items()
    }
    for heading, findings in shown.items():
        if findings:
            console.print(heading[:1].upper() + heading[1:], style="bold")
            console.print(_table(findings))
    states = [one.state for findings in found.values() for one in findings]
    wrong, notes = states.count("wrong"), states.count("note")
    style = "bold red" if wrong else "yellow" if notes else "green"
    console.print(f"{len(states)} things looked at: {wrong} wrong, {_notes(notes)}.", style=style)
    if not quiet:
        console.print(_NOT_READ, style="dim", soft_wrap=True)


def _notes(number: int) -> str:
    return f"{number} {'note' if number == 1 else 'notes'}"


def _table(findings: Findings) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for one in findings:
        word, style = _SHOWN[one.state]
        table.add_row(Text(word, style=style), one.subject, _told(one))
    return table


def _told(one: Finding) -> Text:
    known = known_secrets(os.environ)
    told = Text(masked(one.told, known))
    return told.append(f"\n→ {masked(one.todo, known)}", style="bold") if one.todo else told
