"""One thing that was looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True)
class Finding:
    """What was found, and what to do.

    Attributes
    ----------
    subject
        What was looked at, in a word or two.
    state
        ok; note: no night fails by it; wrong: one does, or what is served is not what it should be.
    told
        What was found.
    todo
        What to type or to change; empty where nothing is to be done.
    """

    subject: str
    state: State
    told: str
    todo: str = ""


Findings = list[Finding]


@contextmanager
def no_crash(findings: Findings, subject: str, todo: str) -> Iterator[None]:
    """Let what fails in here be a finding: one thing that is broken must not hide the others."""
    try:
        yield
    except Exception as error:
        findings.append(Finding(subject, "wrong", _first_line(error), todo))


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


Look = Callable[[], Findings]
