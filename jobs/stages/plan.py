"""What a stage run depends on, worked out from manifests alone: inputs, fingerprints, unchanged or not."""

from dataclasses import dataclass
from datetime import date, timedelta

from expectations.registry import suite_modules
from jobs.adapters.lake import AcceptedChecks, Lake, Manifest
from jobs.core.errors import MissingPartitionError, StateVersionError
from jobs.core.fingerprint import code_fingerprint, hash_of, settings_fingerprint
from jobs.core.night import Night
from jobs.datasets.tables import table_named
from jobs.features.rest import MergeDays
from jobs.readers.file_digest import files_digest
from jobs.readers.log_files import LogFiles, log_files
from jobs.stages.catalog import writer_of
from jobs.stages.provenance import Provenance
from jobs.stages.stage import Stage

# A back-fill reads thousands of partitions; its manifests name each table once instead.
_LISTED_INPUTS = 200

# One row per pair and day, or wide ones of users: a back-fill keeps the last days only.
BULKY = (
    "user_item_state",
    "user_item_affinity",
    "user_category_affinity",
    "user_habits_state",
    "context_item_state",
)
# Of these also the days back to a full copy, without which no key at rest would be found again.
BULKY_REST = ("user_item_rest", "user_habits_rest", "context_item_rest")


@dataclass(frozen=True)
class Plan:
    """Inputs of a stage run and their fingerprint."""

    inputs: dict[str, list[Manifest]]
    files: LogFiles
    provenance: Provenance


def plan_stage(stage: Stage, night: Night, lake: Lake) -> Plan:
    """Resolve a stage's inputs.

    Raises
    ------
    MissingPartitionError
        If a partition that it needs is not there.
    StateVersionError
        If yesterday's state cannot be rolled forward.
    InputError
        If a log file is missing or unreadable.
    """
    inputs: dict[str, list[Manifest]] = {}
    for read in stage.reads:
        known = {manifest.run_date: manifest for manifest in inputs.get(read.table, [])}
        for day in read.dates(night):
            if not read.optional or lake.manifest(read.table, day):
                known[day] = _require(lake, read.table, day, stage, night)
        inputs[read.table] = [known[day] for day in sorted(known)]
    files = log_files(night) if stage.reads_log else {}
    return Plan(inputs, files, _provenance(stage, night, inputs, files, _accepted(stage, night, lake)))


def _accepted(stage: Stage, night: Night, lake: Lake) -> dict[str, str]:
    """What operators released of the tables that the stage writes: an input, so that the stage runs again."""
    found = AcceptedChecks(lake.root).of(stage.writes, night.first, night.last)
    return {f"accepted {one.expectation}@{one.first}..{one.last}": hash_of(one.reason) for one in found}


def is_unchanged(stage: Stage, night: Night, lake: Lake, plan: Plan, only: frozenset[str] = frozenset()) -> bool:
    """Whether every output, or those of `only`, was made by this very code, of these very inputs and settings."""
    tables = [table for table in stage.writes if not only or table in only]
    outputs = [lake.manifest(table, day) for table in tables for day in written_dates(stage, table, night)]
    return bool(outputs) and all(
        manifest is not None and manifest.fingerprint == plan.provenance.fingerprint and lake.is_whole(manifest)
        for manifest in outputs
    )


def written_dates(stage: Stage, table: str, night: Night) -> list[date]:
    """Run dates for which the stage leaves a partition of a table."""
    if not stage.ranged:
        return [night.run_date]
    if table in BULKY:
        return [day for day in night.dates if day >= keep_bulky_from(night)]
    if table in BULKY_REST:
        kept = MergeDays.of(night.settings).last(keep_bulky_from(night))
        return [day for day in night.dates if day >= kept]
    return night.dates


def keep_bulky_from(night: Night) -> date:
    """First date of a back-fill whose bulky tables are kept; see retention.pair_state_days."""
    return max(night.first, night.last - timedelta(night.settings.retention.pair_state_days - 1))


def _require(lake: Lake, table: str, day: date, stage: Stage, night: Night) -> Manifest:
    manifest = lake.manifest(table, day)
    if manifest is None:
        raise MissingPartitionError(
            f"stage {stage.name!r} of {night.run_date} needs table {table!r} of run_date={day}, which app "
            f"{night.settings.app!r} does not have; {_how_to_make(table, day, night)}"
        )
    reason = _why_not_rolled(manifest, night)
    if reason and day < night.first:
        raise StateVersionError(
            f"table {table!r} of run_date={day} {reason}; rebuild the state first: {_backfill(night, day)}"
        )
    return manifest


def _why_not_rolled(manifest: Manifest, night: Night) -> str | None:
    """Why yesterday's state cannot be rolled forward, or None where it can."""
    table = table_named(manifest.table)
    if table.kind != "state":
        return None
    if manifest.state_version != table.state_version:
        return f"was written with state version {manifest.state_version}, this code has {table.state_version}"
    if manifest.shape != settings_fingerprint(night.settings, table.shaped_by):
        return f"was shaped by other values of {', '.join(table.shaped_by)}"
    return None


def _how_to_make(table: str, day: date, night: Night) -> str:
    if table_named(table).kind == "state" or day < night.first:
        return f"build the past first: {_backfill(night, night.first - timedelta(1))}"
    return f"run first: nightjar {writer_of(table)} --app {night.settings.app} --date {day}"


def _backfill(night: Night, last: date) -> str:
    start = night.settings.schedule.first_day
    return f"nightjar backfill --app {night.settings.app} --from {start} --to {max(last, start)}"


def _provenance(
    stage: Stage, night: Night, inputs: dict[str, list[Manifest]], files: LogFiles, accepted: dict[str, str]
) -> Provenance:
    digests = {f"{name}@{found.run_date}": found.digest for name, many in inputs.items() for found in many}
    digests |= _log_digests(night, files)
    digests |= accepted
    settings = stage_settings(stage, night)
    suites = [module for table in stage.writes for module in suite_modules(table)]
    code = hash_of([code_fingerprint(module) for module in (stage.module, *suites)])
    schemas = [[table, table_named(table).schema_version, table_named(table).state_version] for table in stage.writes]
    dates = [night.first, night.last] if stage.ranged else [night.run_date]
    fingerprint = hash_of([stage.name, dates, digests, settings, code, schemas])
    mapping = settings_fingerprint(night.settings, ("log_meaning",))
    return Provenance(stage.name, _shortened(digests), settings, code, fingerprint, mapping)


def stage_settings(stage: Stage, night: Night) -> str:
    """Hash of the settings that change what the stage makes.

    Of the calendar only the night's own dates count: a holiday of next year is no reason to read last year again.
    """
    told = settings_fingerprint(night.settings, stage.settings)
    return hash_of([told, night.open_dates]) if stage.reads_log else told


def _log_digests(night: Night, files: LogFiles) -> dict[str, str]:
    digests: dict[str, str] = {}
    for name, found in files.items():
        log_format = night.settings.sources[name].format
        by_day = {str(day): paths for day, paths in found.by_day.items()}
        undated = {"all": found.undated} if found.undated else {}
        digests |= {
            f"log {name}@{day}": hash_of([log_format, files_digest(paths, log_format != "parquet")])
            for day, paths in {**by_day, **undated}.items()
        }
    return digests


def _shortened(digests: dict[str, str]) -> dict[str, str]:
    if len(digests) <= _LISTED_INPUTS:
        return digests
    by_table: dict[str, dict[str, str]] = {}
    for key, digest in digests.items():
        table, _, day = key.partition("@")
        by_table.setdefault(table, {})[day] = digest
    return {f"{table}@{min(days)}..{max(days)}": hash_of(days) for table, days in by_table.items()}
