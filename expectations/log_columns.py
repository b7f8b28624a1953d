"""Suite of `log_columns`: a log may gain columns; one that loses or retypes them may say something else."""

import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import Severity, in_set, named
from jobs.core.config.model import Settings


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per log and column; the examples name logs and columns."""
    return [
        in_set("source", settings.sources, f"each row names the log of {settings.app} that has the column"),
        _none("new_column", "new", "the log has more to say; map it, or let it be", "warning"),
        _none(
            "missing_column", "missing", "what the log said in it is gone; features made of it go stale", "critical"
        ),
        _none("retyped_column", "retyped", "the mapping reads texts of another shape now", "critical"),
    ]


def widen(columns: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Add a column for each kind of change: the log and its column where it changed so, else missing.

    As of every suite it is told the settings; here nothing depends on them.
    """
    names = columns["source"] + "." + columns["column"]
    retyped = names + ": " + columns["kind"] + ", was " + columns["kind_before"].fillna("")
    told = {"new": names + ": " + columns["kind"], "missing": names, "retyped": retyped}
    shown = {f"{change}_column": text.where(columns["change"] == change) for change, text in told.items()}
    return columns.assign(**shown)


def _none(name: str, change: str, why: str, severity: Severity) -> Expectation:
    """No column changed in such a way; rows of other changes carry no text there, and pass."""
    return gxe.ExpectColumnValuesToBeNull(column=f"{change}_column", severity=severity, meta=named(name, why))
