"""Stages that were killed, or work for longer than they may."""

from datetime import datetime, timedelta

from jobs.adapters.running import RunningStage, running_stages
from jobs.commands.checkup.finding import Finding, Findings
from jobs.core.config import Settings
from jobs.core.home import Home


def look_for_stuck_runs(settings: Settings, home: Home, now: datetime) -> Findings:
    """Each stage that has begun and not ended; `now` in UTC."""
    found = running_stages(home.running)
    if not found:
        return [Finding("runs", "ok", "no stage runs, and none was killed")]
    return [_run(settings, one, now) for one in found]


def _run(settings: Settings, one: RunningStage, now: datetime) -> Finding:
    subject = f"run {one.stage}"
    where = f"of {one.run_date}, process {one.pid} on {one.host}, since {one.since:%Y-%m-%d %H:%M} UTC"
    again = f"nightjar {one.stage} --app {settings.app} --date {one.run_date}, or clear its task in Airflow"
    if one.is_dead:
        return Finding(subject, "wrong", f"{where}, was killed", again)
    if now - one.since > timedelta(minutes=settings.schedule.task_timeout_minutes):
        told = f"{where}, works for longer than schedule.task_timeout_minutes"
        todo = f"kill {one.pid}, then {again}" if one.is_here else f"look at {one.host}; if it is gone, rm {one.file}"
        return Finding(subject, "wrong", told, todo)
    return Finding(subject, "ok", f"{where}, works")
