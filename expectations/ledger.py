"""Suite of `ledger`: raw = clean + quarantined + duplicates, and not too much of it in quarantine."""

import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from expectations.shapes import equal, in_range, in_set, named
from jobs.core.config.model import Settings

PLACES = ("raw", "clean", "quarantined", "duplicate")
ON_PURPOSE = ("filtered", "not_a_product", "test_traffic")
"""Reasons that the app's file asks for: such rows say nothing about the mapping."""


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per source, place and reason, widened by the balance of the source."""
    return [
        in_set("place", PLACES, "rows in another place are not counted by the balance"),
        in_range("n_rows", "rows are counted", low=0),
        equal("accounted_rows", "raw_rows", "each raw row is clean, quarantined or a duplicate, exactly once"),
        _share(settings),
        _share_elsewhere(settings),
    ]


def _share(settings: Settings) -> Expectation:
    enough = Column("judged_rows") >= settings.checks.min_rows_for_share
    return gxe.ExpectColumnValuesToBeBetween(
        column="quarantined_share",
        max_value=settings.checks.max_quarantine_share,
        row_condition=Column("source").is_in(_logs_of_events(settings)) & enough,
        severity="critical",
        meta=named(
            "quarantined_share_in_range",
            "above checks.max_quarantine_share the mapping of the log is broken rather than the log",
        ),
    )


def _share_elsewhere(settings: Settings) -> Expectation:
    """A bad row of four in a catalogue's delta says little of its mapping, and a profile stays as it was."""
    few = Column("judged_rows") < settings.checks.min_rows_for_share
    return gxe.ExpectColumnValuesToBeBetween(
        column="quarantined_share",
        max_value=settings.checks.max_quarantine_share,
        row_condition=Column("source").is_not_in(_logs_of_events(settings)) | few,
        severity="warning",
        meta=named(
            "quarantined_share_elsewhere",
            "above checks.max_quarantine_share, of a log of items or users, or of fewer rows than "
            "checks.min_rows_for_share: look at `nightjar quarantine`",
        ),
    )


def _logs_of_events(settings: Settings) -> list[str]:
    return [name for name, log in settings.sources.items() if log.kind == "events"]


def widen(ledger: pd.DataFrame) -> pd.DataFrame:
    """Put the balance of each run date and source on its first row.

    Parameters
    ----------
    ledger
        One row per run date, source, place and reason.

    Returns
    -------
    pandas.DataFrame
        The same rows with `raw_rows`, `accounted_rows` (clean, quarantined and duplicate rows together),
        `judged_rows` (raw rows without those of the reasons `ON_PURPOSE`) and `quarantined_share` (of the judged
        rows; 0 where there are none). They are missing on all but the first row of a run date and source, so that
        a broken balance is reported once.
    """
    keys = [ledger["run_date"], ledger["source"]]
    first = ~ledger.duplicated(["run_date", "source"])
    rows = {place: _rows_in(ledger, place).groupby(keys).transform("sum") for place in PLACES}
    accounted = rows["clean"] + rows["quarantined"] + rows["duplicate"]
    on_purpose = _rows_in(ledger, "quarantined").where(ledger["reason"].isin(ON_PURPOSE), 0)
    meant = on_purpose.groupby(keys).transform("sum")
    judged = rows["raw"] - meant
    share = ((rows["quarantined"] - meant) / judged).where(judged > 0, 0.0)
    return ledger.assign(
        raw_rows=rows["raw"].where(first),
        accounted_rows=accounted.where(first),
        judged_rows=judged.where(first),
        quarantined_share=share.where(first),
    )


def _rows_in(ledger: pd.DataFrame, place: str) -> "pd.Series[int]":
    return ledger["n_rows"].where(ledger["place"] == place, 0)
