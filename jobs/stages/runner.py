"""Runs one stage: plan, unchanged or not, run, commit; and turns what goes wrong into one clear message."""

import importlib
import logging
import time
from dataclasses import dataclass, replace

from jobs.adapters.console import progress
from jobs.adapters.lake import Lake
from jobs.adapters.lake.expose import expose_current, hide_partition
from jobs.adapters.run_log import RunLog
from jobs.adapters.running import noted_as_running
from jobs.adapters.temporary import temporary_files_below
from jobs.core.config import home_folder
from jobs.core.home import Home
from jobs.core.logs import log_context
from jobs.core.night import Night
from jobs.features.online import ONLINE_VIEWS
from jobs.stages.check_pages import render_checks
from jobs.stages.clear_errors import clear_errors
from jobs.stages.job import Job
from jobs.stages.plan import is_unchanged, plan_stage, written_dates
from jobs.stages.stage import Stage

log = logging.getLogger("nightjar")


@dataclass(frozen=True)
class Outcome:
    """How a stage ended: `done`, `unchanged`, `failed` or in its own words; its rows by table, and its seconds."""

    state: str
    rows: dict[str, int]
    seconds: float


@dataclass(frozen=True)
class Asked:
    """What a run of a stage is asked for besides its dates.

    Attributes
    ----------
    again
        Run although its outputs are unchanged, to replace files that were damaged.
    only
        Tables to write, of those that the stage writes; empty for all.
    replayed_from
        First date of the replay that it is part of; goes into the manifests.
    """

    again: bool = False
    only: frozenset[str] = frozenset()
    replayed_from: str = ""


def run_stage(stage: Stage, night: Night, asked: Asked | None = None) -> Outcome:
    """Run one stage for a night, or for the range of a back-fill.

    Parameters
    ----------
    stage, night
        What to run, and for which dates.
    asked
        What else; by default all of the stage, unless its outputs are unchanged.

    Raises
    ------
    NightjarError
        With one clear message; nothing of the stage has become current then.
    """
    home = Home(home_folder(), night.settings.app)
    label = f"{stage.name} {night.settings.app} {_span(night)}"
    with (
        log_context(app=night.settings.app, run_date=str(night.run_date), stage=stage.name),
        noted_as_running(home.running, stage.name, night.run_date),
        temporary_files_below(home.root),
    ):
        log.info("%s: started", label)
        outcome = _timed(stage, night, home, asked or Asked(), label)
        counted = ", ".join(f"{table} {count:,}" for table, count in outcome.rows.items() if count)
        rows = f"; rows: {counted}" if counted else ""
        log.info("%s: %s in %.1f s%s", label, outcome.state, outcome.seconds, rows)
    return outcome


def _timed(stage: Stage, night: Night, home: Home, asked: Asked, label: str) -> Outcome:
    """Run the stage and note how it ended, also where it failed."""
    runs, started = RunLog(home.runs, night.run_date), time.monotonic()
    try:
        with clear_errors(label, night.settings.app), progress(label):
            state, rows = _run(stage, night, home, asked)
    except BaseException:
        _note(runs, stage, Outcome("failed", {}, time.monotonic() - started))
        raise
    outcome = Outcome(state, rows, time.monotonic() - started)
    _note(runs, stage, outcome)
    return outcome


def _run(stage: Stage, night: Night, home: Home, asked: Asked) -> tuple[str, dict[str, int]]:
    if night.first == night.last and night.is_closed and not stage.on_closed_days:
        return "closed day, nothing to do", {}
    lake = Lake(home.lake)
    plan = plan_stage(stage, night, lake)
    if plan.files:
        from jobs.readers.registry import check_logs

        # Also where nothing changed: a day's file is kept as it is, so that another mapping makes no news of it.
        check_logs(plan.files, night.settings)
    if not asked.again and not stage.always and is_unchanged(stage, night, lake, plan, asked.only):
        _retire_unwritten(stage, night, lake, home, asked)
        _show_again(stage, night, lake, home)
        return "unchanged", {}
    provenance = replace(plan.provenance, replayed_from=asked.replayed_from)
    job = Job(stage, night, home, lake, provenance, plan.inputs, plan.files, only=asked.only)
    try:
        state = importlib.import_module(stage.module).run(job)
        rows = job.commit()
        _retire_unwritten(stage, night, lake, home, asked)
        if stage.always:
            _show_again(stage, night, lake, home)
        return state or "done", rows
    except Exception:
        job.discard()
        _show_refused(job)
        # What a back-fill does with refused rows may fail in its own way; the checks say why.
        job.raise_if_refused()
        raise
    except BaseException:
        job.discard()
        raise
    finally:
        job.clear_scratch()


def _show_refused(job: Job) -> None:
    """Say where the checks can be read that stop the stage; a page that cannot be written must not hide why."""
    if not job.refused:
        return
    try:
        log.error("the checks that failed, on a page: %s", render_checks(job.lake, job.home, job.night, job.refused))
    except Exception as error:
        log.warning("the pages of the checks that failed could not be written: %s", error)


def _retire_unwritten(stage: Stage, night: Night, lake: Lake, home: Home, asked: Asked) -> None:
    """Of bulky tables a back-fill keeps the last days; partitions of earlier nights are of another past then."""
    if night.first == night.last:
        return
    for table in asked.only or stage.writes:
        for day in sorted(set(night.dates) - set(written_dates(stage, table, night))):
            if lake.retire(table, day):
                log.debug("%s %s: not kept by a back-fill, current no more", table, day)
            hide_partition(home.offline / table, day)


def _show_again(stage: Stage, night: Night, lake: Lake, home: Home) -> None:
    """Views of the run date to Feast: who made them may have died between placing and showing them."""
    for table in sorted(ONLINE_VIEWS.keys() & set(stage.writes)):
        expose_current(lake, table, night.run_date, home.offline / table)


def _note(runs: RunLog, stage: Stage, outcome: Outcome) -> None:
    """No stage decides by the run log: one that cannot be written fails nothing."""
    try:
        runs.append(stage.name, outcome.state, outcome.seconds, outcome.rows)
    except OSError as error:
        log.warning("the run log of %s could not be written: %s", runs.run_date, error)


def _span(night: Night) -> str:
    return str(night.last) if night.first == night.last else f"{night.first}..{night.last}"
