"""Gathers what is known of a night after it ran: for the report, and for `nightjar show`."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import pandas as pd

from jobs.adapters.lake import AcceptedChecks, Lake, Manifest
from jobs.adapters.lake.arrow import empty_pandas, read_pandas
from jobs.adapters.online import open_store
from jobs.adapters.run_log import RunLog
from jobs.core.home import Home
from jobs.core.model_schemas import CHAMPIONS
from jobs.core.night import Night
from jobs.core.output_schemas import PUBLISHED
from jobs.core.schemas import LEDGER
from jobs.core.table import Table
from jobs.datasets.night_summary import Serving, summarise
from jobs.stages.champions import CHALLENGERS

_READ: tuple[Table, ...] = (LEDGER, CHAMPIONS, PUBLISHED)
# Their other columns hold comparisons user by user.
_OF_CHALLENGERS = ["role", "model", "kind"]


def manifests_of(lake: Lake, night: Night) -> list[Manifest]:
    """Every current partition of the run date, by name of the table."""
    if not lake.root.is_dir():
        return []
    names = sorted(path.name for path in lake.root.iterdir() if path.is_dir())
    found = [lake.manifest(name, night.run_date) for name in names]
    return [manifest for manifest in found if manifest]


def summarise_night(lake: Lake, home: Home, night: Night) -> dict[str, Any]:
    """The summary of a night; a table that the night did not write counts as empty.

    Raises
    ------
    OnlineStoreError
        If the online store cannot be reached.
    """
    return summarise_tables(lake, home, night, _serving(home, night))


def summarise_tables(lake: Lake, home: Home, night: Night, serving: Serving | None) -> dict[str, Any]:
    """The same without a look at the online store: what it serves is given."""
    manifests = {manifest.table: manifest for manifest in manifests_of(lake, night)}
    rows = {
        table.name: read_pandas(lake, table, manifests[table.name])
        if table.name in manifests
        else empty_pandas(table)
        for table in _READ
    }
    return summarise(
        app=night.settings.app,
        run_date=night.run_date,
        is_closed=night.is_closed,
        ledger=rows[LEDGER.name],
        champions=rows[CHAMPIONS.name],
        published=rows[PUBLISHED.name],
        serving=serving,
        runs=RunLog(home.runs, night.run_date).read(),
        tables={name: manifest.rows for name, manifest in manifests.items()},
        accepted=[
            {"expectation": one.expectation, "reason": one.reason, "by": one.by}
            for one in AcceptedChecks(lake.root).on(night.run_date)
        ],
        challengers=_challengers(lake, manifests),
        warnings=[{"table": found.table, **check} for found in manifests.values() for check in found.checks],
    )


def _challengers(lake: Lake, manifests: Mapping[str, Manifest]) -> pd.DataFrame:
    """Those that the gate has decided about; none before it was asked."""
    asked = [table for table in dict.fromkeys(CHALLENGERS.values()) if {table.name, CHAMPIONS.name} <= {*manifests}]
    found = [read_pandas(lake, table, manifests[table.name], _OF_CHALLENGERS) for table in asked]
    return pd.concat(found) if found else pd.DataFrame(columns=_OF_CHALLENGERS)


def _serving(home: Home, night: Night) -> Serving | None:
    served = open_store(night.settings, home).served()
    if served is None:
        return None
    expires_at = served.expires_at.astimezone(UTC).isoformat(timespec="seconds")
    return Serving(served.generation, served.run_date, expires_at)
