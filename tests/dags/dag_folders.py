"""Where the DAG files are, and configuration folders for tests."""

from pathlib import Path

DAGS = Path(__file__).resolve().parents[2] / "dags"

BASE = """
schedule:
  time_zone: UTC
  first_day: 2025-01-01
  start_after_minutes: 0
  deadline_minutes: 60
  alert_after_minutes: 50
  alert_webhook: ""
  alert_slack: ""
  alert_email: ""
  alert_smtp: smtp_default
  task_timeout_minutes: 10
  retries: 2
  retry_delay_seconds: 1
  pool: nightjar
  pool_slots: 8
  owner: data-platform
"""


def write_conf(folder: Path, apps: dict[str, str]) -> Path:
    """Write a configuration folder with only schedules: app name -> its own lines."""
    (folder / "apps").mkdir(parents=True)
    (folder / "base.yaml").write_text(BASE)
    (folder / "local.yaml").write_text("{}\n")
    for app, lines in apps.items():
        (folder / "apps" / f"{app}.yaml").write_text(f"app: {app}\nschedule:\n{lines}")
    return folder
