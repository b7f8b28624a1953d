"""A night in one JSON-able summary: what came, what was decided, what is served, and what it took."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

_NOBODY_SERVES = "nobody serves yet; the gate's reason is in the log of promote_models and on the run in MLflow"
_CHAMPION_COLUMNS = ("role", "model", "kind", "challenger", "decision", "reason", "by")


@dataclass(frozen=True)
class Serving:
    """What the online store serves, in the words of the summary.

    Attributes
    ----------
    generation, run_date
        Name of the generation and the night that made it.
    expires_at
        UTC, ISO 8601: not served from then on.
    """

    generation: str
    run_date: date
    expires_at: str


def summarise(
    *,
    app: str,
    run_date: date,
    is_closed: bool,
    ledger: pd.DataFrame,
    champions: pd.DataFrame,
    published: pd.DataFrame,
    serving: Serving | None,
    runs: Sequence[Mapping[str, Any]],
    tables: Mapping[str, int],
    warnings: Sequence[Mapping[str, str]],
    challengers: pd.DataFrame,
    accepted: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Sum up one night.

    Parameters
    ----------
    app, run_date, is_closed
        Whose night, of which day, and whether the app's calendar calls that day closed.
    ledger, champions, published
        Rows of these tables of the run date; each may be empty, as `published` is on a closed day.
    serving
        What is online now, which may be of another night; None where nothing is.
    runs
        Lines of the run log, oldest first: stage, state, seconds, rows by table.
    tables
        Rows of every current partition of the run date, by table.
    warnings
        table, expectation, severity and sentence of every check that was reported and stopped nothing.
    challengers
        role, model and kind of the models that the gate has decided about; one of a role without a champion was
        refused.
    accepted
        expectation, reason and by of what an operator released for the run date.

    Returns
    -------
    dict
        Keys app, run_date, is_closed, counts, champions, online, stages, seconds, warnings, accepted and tables;
        values are what JSON knows. Equal arguments give an equal summary, in the same order of keys.
    """
    stages = _stages(runs)
    return {
        "app": app,
        "run_date": str(run_date),
        "is_closed": is_closed,
        "counts": _counts(ledger),
        "champions": [_champion(row) for row in champions.to_dict("records")] + _alone(challengers, champions),
        "online": {**_published(published), "serving": _serving(serving, run_date)},
        "stages": stages,
        "seconds": round(math.fsum(stage["seconds"] for stage in stages), 2),
        "warnings": [dict(warning) for warning in warnings],
        "accepted": [dict(one) for one in accepted],
        "tables": dict(sorted(tables.items())),
    }


def _counts(ledger: pd.DataFrame) -> dict[str, Any]:
    """Rows of the night over all sources; most frequent reasons first."""
    return {
        "raw": _rows_at(ledger, "raw"),
        "clean": _rows_at(ledger, "clean"),
        "quarantined": _rows_at(ledger, "quarantined"),
        "duplicate": _rows_at(ledger, "duplicate"),
        "quarantined_by_reason": _by_reason(ledger, "quarantined"),
        "duplicate_by_reason": _by_reason(ledger, "duplicate"),
    }


def _rows_at(ledger: pd.DataFrame, place: str) -> int:
    return int(ledger.loc[ledger["place"] == place, "n_rows"].sum())


def _by_reason(ledger: pd.DataFrame, place: str) -> dict[str, int]:
    rows = ledger[ledger["place"] == place].groupby("reason", sort=True)["n_rows"].sum()
    return {str(reason): int(n) for reason, n in sorted(rows.items(), key=lambda pair: (-pair[1], pair[0]))}


def _champion(row: Mapping[Any, Any]) -> dict[str, str]:
    return {name: str(row[name]) for name in _CHAMPION_COLUMNS}


def _alone(challengers: pd.DataFrame, champions: pd.DataFrame) -> list[dict[str, str]]:
    """Challengers that were refused where nobody serves, in the form of champions, without a model."""
    refused = challengers[~challengers["role"].isin(champions["role"])].sort_values("role")
    decided = {"model": "", "decision": "refused", "by": "gate", "reason": _NOBODY_SERVES}
    return [
        _champion({**decided, **row, "challenger": row["model"], "model": ""}) for row in refused.to_dict("records")
    ]


def _published(published: pd.DataFrame) -> dict[str, Any]:
    """The night's own generation; empty values where it published none."""
    if published.empty:
        return {"outcome": "", "generation": "", "views": {}}
    rows = published.sort_values("view")
    return {
        "outcome": str(rows["outcome"].iloc[0]),
        "generation": str(rows["generation"].iloc[0]),
        "views": {str(view): int(n) for view, n in zip(rows["view"], rows["n_rows"], strict=True)},
    }


def _serving(serving: Serving | None, run_date: date) -> dict[str, Any] | None:
    """What is online and how many days older than this night it is; negative where a later night is served."""
    if serving is None:
        return None
    return {
        "generation": serving.generation,
        "run_date": str(serving.run_date),
        "age_days": (run_date - serving.run_date).days,
        "expires_at": serving.expires_at,
    }


def _stages(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The last run of each stage, in the order in which the stages first ran.

    A stage that found its outputs unchanged wrote nothing; it keeps the rows of the run that did.
    """
    last: dict[str, dict[str, Any]] = {}
    for run in runs:
        before = last.get(run["stage"], {"rows": {}})
        last[run["stage"]] = {**run, "rows": dict(run["rows"]) or before["rows"]}
    return list(last.values())
