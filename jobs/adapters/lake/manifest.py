"""The manifest of a partition: the one file that makes an attempt current."""

from datetime import date

from pydantic import BaseModel, ConfigDict


class Manifest(BaseModel):
    """What a partition holds and what it was made of.

    Attributes
    ----------
    table, run_date
        The partition.
    attempt
        Number of the attempt folder, rising within the table; a lower one never replaces a higher one.
    files
        Parquet files of the partition, relative to the attempt folder, sorted; others do not count.
    rows, digest
        Number and hash of the rows; see `jobs/adapters/lake/digest.py`.
    stage, fingerprint
        Who wrote it, and a hash of all that the stage depended on; the same one again is `unchanged`.
    inputs
        Digest of every partition or log file that was read.
    settings, code
        Hashes of the settings and of the source files that count for the stage.
    schema_version, state_version, shape
        Of the table; `shape` hashes the settings that change what a state means.
    mapping
        Hash of what the app's file says of its logs; where it differs from the next date's, rows were read otherwise.
    span
        ``<first>..<last>`` run dates that were built in one go with this one.
    replayed_from
        First date of the replay that made it; dates before keep the mapping that they had. Empty otherwise.
    checks
        Expectations of severity warning that failed, and critical ones that an operator released.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    run_date: date
    attempt: int
    files: tuple[str, ...]
    rows: int
    digest: str
    stage: str
    fingerprint: str
    inputs: dict[str, str] = {}
    settings: str = ""
    code: str = ""
    schema_version: int = 1
    state_version: int = 0
    shape: str = ""
    mapping: str = ""
    span: str = ""
    replayed_from: str = ""
    checks: tuple[dict[str, str], ...] = ()


def attempt_of(current: Manifest | None) -> int:
    """Number of the attempt that is current, 0 where none is; what a later write says that it replaces."""
    return current.attempt if current else 0
