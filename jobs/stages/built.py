"""Whether dates are built of what the lake and the log hold now, however many were built in one go."""

from datetime import date

from jobs.adapters.lake import Lake, Manifest
from jobs.core.errors import InputError, NightjarError
from jobs.core.night import Night
from jobs.stages.plan import plan_stage, stage_settings, written_dates
from jobs.stages.stage import Stage


def is_built(stage: Stage, night: Night, lake: Lake) -> bool:
    """Whether each output of the night's dates would come out the same.

    A fingerprint covers all dates that were built together, which may be other ones than the night's: each
    such span is planned again.
    """
    outputs = [lake.manifest(table, day) for table in stage.writes for day in written_dates(stage, table, night)]
    found = [manifest for manifest in outputs if manifest]
    if not found or len(found) < len(outputs) or not all(map(lake.is_whole, found)):
        return False
    return all(
        _stands(stage, span, [manifest for manifest in found if manifest.span == span], night, lake)
        for span in sorted({manifest.span for manifest in found})
    )


def _stands(stage: Stage, span: str, manifests: list[Manifest], night: Night, lake: Lake) -> bool:
    """Whether partitions that were built together would be built so again."""
    first, separator, last = span.partition("..")
    if not separator:
        return False
    together = Night(night.settings, date.fromisoformat(first), date.fromisoformat(last))
    try:
        expected = plan_stage(stage, together, lake).provenance.fingerprint
    except InputError:
        # A log that was rotated away: its copies in the lake stand for it, if it would be read in the same way.
        settings = stage_settings(stage, together)
        return stage.reads_log and all(manifest.settings == settings for manifest in manifests)
    except NightjarError:
        return False
    return all(manifest.fingerprint == expected for manifest in manifests)
