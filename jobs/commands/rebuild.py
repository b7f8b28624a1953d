"""Builds a range of dates: tables for all of them in one go, models and lists for the last one."""

import logging
from collections.abc import Iterable
from datetime import date

from jobs.adapters.lake import Acceptance, AcceptedChecks, Lake
from jobs.commands.person import person
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.built import is_built
from jobs.stages.catalog import STAGES
from jobs.stages.champions import write_no_champions
from jobs.stages.order import in_order
from jobs.stages.runner import Asked, run_stage
from jobs.stages.stage import Stage

log = logging.getLogger("nightjar")


def lake_of(night: Night) -> Lake:
    """The app's tables."""
    return Lake(Home(home_folder(), night.settings.app).lake)


def ranged_stages() -> list[Stage]:
    """The stages that build many dates in one go, in order."""
    return [stage for stage in in_order(STAGES.values()) if stage.ranged]


def last_day_stages() -> list[Stage]:
    """The stages that only the last date gets, in order; `withdraw` belongs to failed nights."""
    return [stage for stage in in_order(STAGES.values()) if not stage.ranged and stage.name != "withdraw"]


def rebuild(night: Night, tables_only: bool = False, replayed_from: date | None = None) -> None:
    """Run every stage for a range.

    Parameters
    ----------
    night
        The range.
    tables_only
        Make no models and lists for the last date.
    replayed_from
        Of a replay: stages that would give the same again are left out, in whatever steps their dates were
        built, and the manifests name this date.
    """
    ranged, single = ranged_stages(), [] if tables_only else last_day_stages()
    lake = lake_of(night)
    asked = Asked(replayed_from=str(replayed_from or ""))
    for position, stage in enumerate(ranged, start=1):
        log.info("step %d of %d", position, len(ranged) + len(single))
        if replayed_from and is_built(stage, night, lake):
            log.info("%s %s %s..%s: unchanged", stage.name, night.settings.app, night.first, night.last)
        else:
            run_stage(stage, night, asked)
    write_no_champions(lake, night.dates if tables_only else night.dates[:-1])
    last = Night(night.settings, night.last, night.last)
    for position, stage in enumerate(single, start=len(ranged) + 1):
        log.info("step %d of %d", position, len(ranged) + len(single))
        run_stage(stage, last)


def accept_for(night: Night, names: Iterable[str], reason: str) -> None:
    """Record releases for all dates of a range."""
    releases = [
        Acceptance(first=night.first, last=night.last, expectation=name, reason=reason, by=person()) for name in names
    ]
    if releases:
        AcceptedChecks(lake_of(night).root).record(releases)
