"""The `champions` table: read by stages, written by the gate or by hand."""

from collections.abc import Iterable
from datetime import date

from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.lake.digest import digest_files
from jobs.core.fingerprint import hash_of
from jobs.core.schemas import CHAMPIONS


def write_no_champions(lake: Lake, dates: Iterable[date]) -> None:
    """Say for past dates that no model served then; dates that have a partition keep it."""
    rows, digest = digest_files(CHAMPIONS, [])
    for day in dates:
        if lake.manifest(CHAMPIONS.name, day) is None:
            attempt = lake.begin(CHAMPIONS.name)
            lake.commit(champions_manifest(day, attempt.number, (), rows, digest, "backfill"))


def champions_manifest(
    day: date, attempt: int, files: tuple[str, ...], rows: int, digest: str, by: str
) -> Manifest:
    """Manifest of a partition that no stage wrote: its fingerprint never equals a stage's."""
    return Manifest(
        table=CHAMPIONS.name,
        run_date=day,
        attempt=attempt,
        files=files,
        rows=rows,
        digest=digest,
        stage=by,
        fingerprint=hash_of([by, digest]),
        inputs={},
        settings="",
        code="",
        schema_version=CHAMPIONS.schema_version,
        state_version=CHAMPIONS.state_version,
        shape="",
    )
