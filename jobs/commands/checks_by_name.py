"""Checks as operators name them: ``<table>.<expectation>``."""

import argparse
from collections.abc import Iterable

from jobs.core.config import Settings
from jobs.core.config.nearest import nearest
from jobs.core.errors import UsageError
from jobs.datasets.tables import TABLES, table_named

HOW_MANY = 5


def require_checks(names: Iterable[str], settings: Settings) -> None:
    """Refuse a name that no check has.

    Raises
    ------
    UsageError
        Naming the nearest table, or the nearest checks of the table.
    """
    for name in names:
        _require(name, settings)


def _require(name: str, settings: Settings) -> None:
    table, separator, expectation = name.partition(".")
    if not separator:
        raise UsageError(f"{name!r} is no check; write it as the error does: <table>.<expectation>")
    if table not in TABLES:
        raise UsageError(f"no table {table!r} (of {name!r}){nearest(table, TABLES)}")
    # Names come from Great Expectations' own objects, which take seconds to import.
    from jobs.adapters.quality.audit import expectation_names

    known = expectation_names(table_named(table), settings)
    if expectation not in known:
        raise UsageError(f"table {table!r} has no check {expectation!r}; {_near(expectation, known)}")


def _near(name: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, n=HOW_MANY, cutoff=0.4)
    return f"the nearest are: {', '.join(near or known)}"


def reason_text(text: str) -> str:
    """A reason for argparse: it has to say something."""
    if not text.strip():
        raise argparse.ArgumentTypeError("a reason says something; it stands in the night's report")
    return text.strip()
