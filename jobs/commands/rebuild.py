"""Builds a range of dates: tables for all of them in one go, models and lists for the last open one."""

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
    """The stages that only the last open date gets, in order; `withdraw` belongs to failed nights."""
    return [stage for stage in in_order(STAGES.values()) if not stage.ranged and stage.name != "withdraw"]


def rebuild(night: Night, tables_only: bool = False, replayed_from: date | None = None) -> None:
    """Run every stage for a range.

    Parameters
    ----------
    night
        The range.
    tables_only
        Make no models and lists for the last open date.
    replayed_from
        Of a replay: stages that would give the same again are left out, in whatever steps their dates were
        built, and the manifests name this date.
    """
    ranged, single = ranged_stages(), last_day_stages()
    lake, nights = lake_of(night), [] if tables_only else last_nights(night)
    n_steps = len(ranged) + len(single) * len(nights)
    asked = Asked(replayed_from=str(replayed_from or ""))
    for position, stage in enumerate(ranged, start=1):
        log.info("step %d of %d", position, n_steps)
        if replayed_from and is_built(stage, night, lake):
            log.info("%s %s %s..%s: unchanged", stage.name, night.settings.app, night.first, night.last)
        else:
            run_stage(stage, night, asked)
    write_no_champions(lake, [day for day in night.dates if not nights or day < nights[0].first])
    to_run = [(stage, one) for one in nights for stage in single]
    for position, (stage, one) in enumerate(to_run, start=len(ranged) + 1):
        log.info("step %d of %d", position, n_steps)
        run_stage(stage, one)


def last_nights(night: Night) -> list[Night]:
    """The night of the last open date, which makes models and lists, and those of the closed dates after it.

    A closed date publishes nothing: a range that ended with one would be built and not be seen by anybody.
    """
    if not night.open_dates:
        log.warning("every date from %s to %s is closed: nothing is published", night.first, night.last)
    first = max(night.open_dates, default=night.last)
    return [Night(night.settings, day, day) for day in night.dates if day >= first]


def accept_for(night: Night, names: Iterable[str], reason: str) -> None:
    """Record releases for all dates of a range."""
    releases = [
        Acceptance(first=night.first, last=night.last, expectation=name, reason=reason, by=person()) for name in names
    ]
    if releases:
        AcceptedChecks(lake_of(night).root).record(releases)
