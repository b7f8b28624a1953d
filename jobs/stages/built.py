"""Whether dates are built of what the lake and the log hold now, however many were built in one go."""

from datetime import date

from jobs.adapters.lake import Lake, Manifest
from jobs.core.errors import NightjarError
from jobs.core.night import Night
from jobs.stages.catalog import Stage
from jobs.stages.plan import plan_stage, written_dates


def is_built(stage: Stage, night: Night, lake: Lake) -> bool:
    """Whether each output of the night's dates would come out the same.

    A fingerprint covers all dates that were built together, which may be other ones than the night's: each
    such span is planned again. One that cannot be planned any more, since its files are gone, counts as changed.
    """
    outputs = [lake.manifest(table, day) for table in stage.writes for day in written_dates(stage, table, night)]
    found = [manifest for manifest in outputs if manifest]
    if not found or len(found) < len(outputs) or not all(_has_files(lake, manifest) for manifest in found):
        return False
    planned = {span: _fingerprint(stage, span, night, lake) for span in {manifest.span for manifest in found}}
    return all(planned[manifest.span] == manifest.fingerprint for manifest in found)


def _has_files(lake: Lake, manifest: Manifest) -> bool:
    return all(path.is_file() for path in lake.paths(manifest))


def _fingerprint(stage: Stage, span: str, night: Night, lake: Lake) -> str | None:
    first, separator, last = span.partition("..")
    if not separator:
        return None
    try:
        together = Night(night.settings, date.fromisoformat(first), date.fromisoformat(last))
        return plan_stage(stage, together, lake).provenance.fingerprint
    except NightjarError:
        return None
