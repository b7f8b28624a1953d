"""Suite of `ledger`: raw = clean + quarantined + duplicates, and not too much of it in quarantine."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from great_expectations.expectations.expectation import Expectation

from expectations.shapes import absent, equal, in_range, in_set
from jobs.core.config.model import Settings

PLACES = ("raw", "clean", "quarantined", "duplicate")
ON_PURPOSE = ("filtered", "not_a_product", "test_traffic")
"""Reasons that the app's file asks for: such rows say nothing about the mapping."""

_KEYS = ["run_date", "source"]


def build(settings: Settings) -> list[Expectation]:
    """Expectations over one row per source, place and reason, widened by the balance of the source."""
    return [
        in_set("place", PLACES, "rows in another place are not counted by the balance"),
        in_range("n_rows", "rows are counted", low=0),
        equal("accounted_rows", "raw_rows", "each raw row is clean, quarantined or a duplicate, exactly once"),
        absent(
            "quarantined_share_in_range",
            "much_quarantined",
            "above checks.max_quarantine_share the mapping of the log is broken rather than the log",
        ),
        # A bad row of four in a catalogue's delta says little of its mapping, and a profile stays as it was.
        absent(
            "quarantined_share_elsewhere",
            "much_quarantined_elsewhere",
            "above checks.max_quarantine_share, of a log of items or users, or of fewer rows than "
            "checks.min_rows_for_share",
            "warning",
        ),
    ]


def widen(ledger: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Put the balance of each run date and source on its first row.

    Parameters
    ----------
    ledger
        One row per run date, source, place and reason.
    settings
        The limits, and which logs are of events.

    Returns
    -------
    pandas.DataFrame
        The same rows with `raw_rows` and `accounted_rows` (clean, quarantined and duplicate rows together), and
        in words, where too much is quarantined, `much_quarantined` (of a log of events of enough rows) or
        `much_quarantined_elsewhere`. They are missing on all but the first row of a run date and source, so that
        each is reported once.
    """
    # Sums and texts are put beside the rows by their number.
    ledger = ledger.reset_index(drop=True)
    first = ~ledger.duplicated(_KEYS)
    rows = {place: _sum(ledger, ledger["place"] == place) for place in PLACES}
    judged = rows["raw"] - _sum(ledger, _is_on_purpose(ledger))
    told = _much_quarantined(ledger, judged, settings).where(first)
    events = [name for name, log in settings.sources.items() if log.kind == "events"]
    stops = ledger["source"].isin(events) & (judged >= settings.checks.min_rows_for_share)
    return ledger.assign(
        raw_rows=rows["raw"].where(first),
        accounted_rows=(rows["clean"] + rows["quarantined"] + rows["duplicate"]).where(first),
        much_quarantined=told.where(stops),
        much_quarantined_elsewhere=told.where(~stops),
    )


def _is_on_purpose(ledger: pd.DataFrame) -> "pd.Series[bool]":
    return (ledger["place"] == "quarantined") & ledger["reason"].isin(ON_PURPOSE)


def _sum(ledger: pd.DataFrame, which: "pd.Series[bool]") -> "pd.Series[int]":
    """Rows of those lines, on each line of their run date and source."""
    return ledger["n_rows"].where(which, 0).groupby([ledger[key] for key in _KEYS]).transform("sum")


def _much_quarantined(ledger: pd.DataFrame, judged: "pd.Series[int]", settings: Settings) -> "pd.Series[str]":
    """What is quarantined of the `judged` rows, those not left out on purpose, in words; missing up to the limit."""
    is_refused = (ledger["place"] == "quarantined") & ~_is_on_purpose(ledger)
    refused = ledger.assign(of=judged, n_refused=_sum(ledger, is_refused))[is_refused & (judged > 0)]
    refused = refused.assign(share=refused["n_refused"] / refused["of"])
    much = refused[refused["share"] > settings.checks.max_quarantine_share]
    most = much.sort_values(["n_rows", "reason"], ascending=[False, True]).drop_duplicates(_KEYS)
    told = {(row["run_date"], row["source"]): _told(row, settings) for row in most.to_dict("records")}
    keys = zip(*(ledger[key] for key in _KEYS), strict=True)
    return pd.Series([told.get(key) for key in keys], index=ledger.index, dtype="object")


def _told(most: Mapping[Hashable, Any], settings: Settings) -> str:
    """The log, its share, and the reason of most of it, and what to type."""
    return (
        f"{most['source']}: quarantined_share={most['share']:.3g} ({most['n_refused']} of {most['of']} rows), "
        f"max_quarantine_share={settings.checks.max_quarantine_share:g}, most of it {most['reason']} "
        f"({most['n_rows']}); see nightjar quarantine --app {settings.app} --date {most['run_date']}"
    )
