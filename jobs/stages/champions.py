"""The `champions` table: read by stages, written by the gate or by hand."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from jobs.adapters.lake import Lake
from jobs.adapters.lake.manifest import attempt_of
from jobs.adapters.lake.put import put_partition
from jobs.core.errors import OvertakenError
from jobs.core.fingerprint import hash_of
from jobs.core.model_schemas import CHAMPIONS, PREDICTION_CHALLENGERS, RECOMMENDER_CHALLENGER
from jobs.datasets.predictions import PREDICTIONS
from jobs.stages.job import Job

if TYPE_CHECKING:
    import pandas as pd

RECOMMENDER, CHURN = "recommender", "churn"
PREDICTION_ROLES = tuple(PREDICTIONS)
ROLES = (*PREDICTION_ROLES, RECOMMENDER)
CHALLENGERS = {**dict.fromkeys(PREDICTION_ROLES, PREDICTION_CHALLENGERS), RECOMMENDER: RECOMMENDER_CHALLENGER}

# Of persons who promote at the same moment one gets through at each try.
_TRIES = 10


@dataclass(frozen=True)
class Champion:
    """Who serves a role: content name, kind, and the recipe that would make it again."""

    role: str
    model: str
    kind: str
    params: Mapping[str, Any]


def champion_of(job: Job, role: str, day: date) -> Champion | None:
    """The champion of a role at the end of `day`, a declared input; None where there is none."""
    row = by_role(job.read_pandas(CHAMPIONS, day)).get(role)
    return Champion(role, row["model"], row["kind"], json.loads(row["recipe"])["params"]) if row else None


def by_role(rows: "pd.DataFrame") -> dict[str, dict[str, Any]]:
    """Rows of a table whose grain is the role."""
    return {str(row["role"]): {str(key): value for key, value in row.items()} for row in rows.to_dict("records")}


def recipe_json(kind: str, params: Mapping[str, Any]) -> str:
    """A recipe as the tables keep it."""
    return json.dumps({"kind": kind, "params": dict(params)}, sort_keys=True)


def content_name(kind: str, day: date, training_digest: str, params: Mapping[str, Any], code: str) -> str:
    """``<kind>-<run date>-<hash of training set, parameters and code>``."""
    return f"{kind}-{day}-{hash_of([training_digest, dict(params), code])[:8]}"


def write_no_champions(lake: Lake, dates: Iterable[date]) -> None:
    """Say for past dates that no model served then; dates that have a partition keep it, or get one meanwhile."""
    import pandas as pd

    empty = pd.DataFrame(columns=list(CHAMPIONS.column_names))
    for day in dates:
        if lake.manifest(CHAMPIONS.name, day) is None:
            with suppress(OvertakenError):
                put_partition(lake, CHAMPIONS, day, empty, "backfill", replaces=0)


def write_by_hand(lake: Lake, day: date, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Put the row of one role among those of a date, whoever else writes one; `promote_models` still runs then.

    Returns
    -------
    dict, optional
        The role's row before, which may be of a person who promotes at the same moment.

    Raises
    ------
    OvertakenError
        If others wrote between reading and writing, again and again; nothing changes.
    """
    for _ in range(_TRIES):
        with suppress(OvertakenError):
            return _write_beside_others(lake, day, row)
    raise OvertakenError(
        f"table {CHAMPIONS.name!r} of run_date={day} was written by others each of the {_TRIES} times that "
        f"{row['model']} was to be put into it, and is not changed; run the same command again"
    )


def _write_beside_others(lake: Lake, day: date, row: Mapping[str, Any]) -> dict[str, Any] | None:
    import pandas as pd

    from jobs.adapters.lake.arrow import read_pandas

    current = lake.manifest(CHAMPIONS.name, day)
    before = by_role(read_pandas(lake, CHAMPIONS, current)) if current else {}
    rows = {**before, str(row["role"]): row}
    frame = pd.DataFrame([rows[role] for role in sorted(rows)], columns=list(CHAMPIONS.column_names))
    put_partition(lake, CHAMPIONS, day, frame, "promote", replaces=attempt_of(current))
    return before.get(str(row["role"]))
