"""What the checks of a table's days compare with: earlier days, and the catalogue."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from expectations.registry import DAY_SUITES
from jobs.adapters.lake import Lake, Manifest
from jobs.adapters.quality.days import Surroundings
from jobs.core.night import Night
from jobs.core.schemas import EVENTS, ITEM_PROFILES, LEDGER
from jobs.core.table import Table


def surroundings(lake: Lake, table: Table, night: Night, manifests: Sequence[Manifest]) -> Surroundings:
    """Clean rows of the weeks before the night and of its own dates, and the catalogue of a date.

    Parameters
    ----------
    manifests
        Partitions that the stage wrote or reads, for the ledger and the catalogue among them.
    """
    if table.name not in DAY_SUITES:
        return Surroundings()
    catalogue = {manifest.run_date: manifest for manifest in manifests if manifest.table == ITEM_PROFILES.name}

    def known_items(day: date) -> Collection[str] | None:
        from jobs.adapters.lake.arrow import read_pandas

        manifest = catalogue.get(day)
        if manifest is None or not manifest.rows:
            return None
        return set(read_pandas(lake, ITEM_PROFILES, manifest, ["item_id"])["item_id"])

    has_catalogue = any(manifest.rows for manifest in catalogue.values())
    if table.name != EVENTS.name:
        return Surroundings(known_items=known_items, has_catalogue=has_catalogue)
    own = (manifest for manifest in manifests if manifest.table == LEDGER.name)
    return Surroundings(
        _clean_rows(lake, _weeks_before(lake, night)), _clean_rows(lake, own), known_items, has_catalogue
    )


def _weeks_before(lake: Lake, night: Night) -> Iterator[Manifest]:
    """Ledgers of the same weekdays before the night's dates."""
    weeks = range(1, night.settings.checks.volume_weeks + 1)
    before = {day - timedelta(weeks=week) for day in night.open_dates for week in weeks}
    found = (lake.manifest(LEDGER.name, day) for day in sorted(before) if day < night.first)
    return (manifest for manifest in found if manifest)


def _clean_rows(lake: Lake, ledgers: Iterable[Manifest]) -> dict[date, dict[str, int]]:
    """Clean rows by log, of each date that has a ledger."""
    from jobs.adapters.lake.arrow import read_pandas

    found: dict[date, dict[str, int]] = {}
    for manifest in ledgers:
        rows = read_pandas(lake, LEDGER, manifest)
        clean = rows[rows["place"] == "clean"]
        found[manifest.run_date] = dict(zip(clean["source"], map(int, clean["n_rows"]), strict=True))
    return found
