"""Puts rows into the lake outside of a stage's run: what a back-fill or a person says."""

import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

from jobs.adapters.lake.manifest import Manifest
from jobs.adapters.lake.store import Lake
from jobs.core.errors import OvertakenError
from jobs.core.fingerprint import hash_of
from jobs.core.table import Table

if TYPE_CHECKING:
    import pandas as pd


def put_partition(
    lake: Lake, table: Table, day: date, rows: "pd.DataFrame", by: str, replaces: int | None = None, **more: Any
) -> Manifest:
    """Write the partition of a date and make it current.

    Its fingerprint never equals a stage's: the stage that makes the table runs again when its night does.

    Parameters
    ----------
    lake, table, day
        Where.
    rows
        Columns of the table.
    by
        Who says so; stands in the manifest as the stage.
    replaces
        Attempt whose rows these were made of, 0 where there was none; None where they rest on no earlier ones.
    more
        Further fields of the manifest.

    Raises
    ------
    OvertakenError
        If another attempt than the one to be replaced, or a later one, is current by then; nothing changes.
    """
    from jobs.adapters.lake.arrow import write_pandas
    from jobs.adapters.lake.digest import digest_files

    attempt = lake.begin(table.name)
    write_pandas(table, rows, attempt, day)
    files = attempt.files(day)
    n_rows, digest = digest_files(table, [attempt.folder / name for name in files])
    told = {
        "table": table.name,
        "run_date": day,
        "attempt": attempt.number,
        "files": files,
        "rows": n_rows,
        "digest": digest,
        "stage": by,
        "fingerprint": hash_of([by, digest]),
        "schema_version": table.schema_version,
        "state_version": table.state_version,
    }
    manifest = Manifest.model_validate({**told, **more})
    if not lake.commit(manifest, replaces):
        # Nobody was told of it, and nobody looks for what was not put.
        shutil.rmtree(attempt.folder, ignore_errors=True)
        raise OvertakenError(
            f"table {table.name!r} of run_date={day} was written by somebody else meanwhile, and nothing of what "
            f"{by!r} would write became current; run the same command again"
        )
    return manifest
