"""What the checks of a table's days compare with: earlier days, and the catalogue."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from expectations.registry import DAY_SUITES
from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.quality.days import Surroundings
from jobs.core.night import Night
from jobs.core.schemas import ITEM_PROFILES
from jobs.core.table import Table


def surroundings(lake: Lake, table: Table, night: Night, manifests: Sequence[Manifest]) -> Surroundings:
    """Rows of the weeks before the night, and the catalogue of a date.

    Parameters
    ----------
    manifests
        Partitions that the stage wrote or reads, for the catalogue among them.
    """
    if table.name not in DAY_SUITES:
        return Surroundings()
    weeks = range(1, night.settings.checks.volume_weeks + 1)
    before = {day - timedelta(weeks=week) for day in night.open_dates for week in weeks}
    found = [lake.manifest(table.name, day) for day in sorted(before) if day < night.first]
    catalogue = {manifest.run_date: manifest for manifest in manifests if manifest.table == ITEM_PROFILES.name}

    def known_items(day: date) -> Collection[str] | None:
        from jobs.adapters.lake.arrow import read_pandas

        manifest = catalogue.get(day)
        if manifest is None or not manifest.rows:
            return None
        return set(read_pandas(lake, ITEM_PROFILES, manifest, ["item_id"])["item_id"])

    history = {manifest.run_date: manifest.rows for manifest in found if manifest}
    return Surroundings(history, known_items, has_catalogue=any(manifest.rows for manifest in catalogue.values()))
