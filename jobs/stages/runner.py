"""Runs one stage: plan, unchanged or not, run, commit; and turns what goes wrong into one clear message."""

import importlib
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from jobs.adapters.console import progress
from jobs.adapters.lake import Lake
from jobs.adapters.run_log import RunLog
from jobs.core.config import home_folder
from jobs.core.errors import NightjarError, StorageError
from jobs.core.home import Home
from jobs.core.night import Night
from jobs.stages.catalog import Stage
from jobs.stages.job import Job
from jobs.stages.plan import is_unchanged, plan_stage

log = logging.getLogger("nightjar")


@dataclass(frozen=True)
class Outcome:
    """How a stage ended: `done`, `unchanged` or `closed`, its rows by table, and its seconds."""

    state: str
    rows: dict[str, int]
    seconds: float


def run_stage(stage: Stage, night: Night, again: bool = False) -> Outcome:
    """Run one stage for a night, or for the range of a back-fill.

    Parameters
    ----------
    stage, night
        What to run, and for which dates.
    again
        Run although its outputs are unchanged, to replace files that were damaged.

    Raises
    ------
    NightjarError
        With one clear message; nothing of the stage has become current then.
    """
    home = Home(home_folder(), night.settings.app)
    started = time.monotonic()
    label = f"{stage.name} {night.settings.app} {_span(night)}"
    log.info("%s: started", label)
    with _clear_errors(label), progress(label):
        state, rows = _run(stage, night, home, again)
    outcome = Outcome(state, rows, time.monotonic() - started)
    counted = ", ".join(f"{table} {count:,}" for table, count in rows.items() if count)
    log.info("%s: %s in %.1f s%s", label, state, outcome.seconds, f"; rows: {counted}" if counted else "")
    _note(RunLog(home.app_folder / "runs", night.run_date), stage, outcome)
    return outcome


def _run(stage: Stage, night: Night, home: Home, again: bool) -> tuple[str, dict[str, int]]:
    if night.first == night.last and night.is_closed and not stage.on_closed_days:
        return "closed day, nothing to do", {}
    lake = Lake(home.lake)
    plan = plan_stage(stage, night, lake)
    if not again and not stage.always and is_unchanged(stage, night, lake, plan):
        return "unchanged", {}
    job = Job(stage, night, home, lake, plan.provenance, plan.inputs, plan.files)
    try:
        state = importlib.import_module(stage.module).run(job)
        return state or "done", job.commit()
    except BaseException:
        job.discard()
        raise


def _note(runs: RunLog, stage: Stage, outcome: Outcome) -> None:
    """No stage decides by the run log: one that cannot be written fails nothing."""
    try:
        runs.append(stage.name, outcome.state, outcome.seconds, outcome.rows)
    except OSError as error:
        log.warning("the run log of %s could not be written: %s", runs.run_date, error)


def _span(night: Night) -> str:
    return str(night.last) if night.first == night.last else f"{night.first}..{night.last}"


@contextmanager
def _clear_errors(label: str) -> Iterator[None]:
    """Turn a full disk, which any library may report in its own way, into our message."""
    try:
        yield
    except NightjarError:
        raise
    except Exception as error:
        if _is_disk_full(error):
            raise StorageError(
                f"{label}: the disk is full ({home_folder()}); nothing half-written was made current; free some "
                "room and run the same command again"
            ) from error
        raise


def _is_disk_full(error: BaseException | None) -> bool:
    while error is not None:
        if "No space left on device" in str(error) or "File too large" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False
